"""Reads the cells of a pack: tables of the sources row by row, and sentences that no table carries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policy.facts import Level
from policy.ids import Permission, RoleSlug
from policy.pack import Cell, GrantSpec, Reach, Role
from policy.pack_section import Section

DEFAULT_REACH: Mapping[Level, Reach] = {Level.STATE: Reach.STATE, Level.LEA: Reach.LEA, Level.SCHOOL: Reach.SITE}
"""A cell without reach reaches as far as the role's level."""
DENIALS = ("No", "")
"""Texts of a printed cell that give nothing."""


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell with the path under which problems name it."""

    cell: Cell
    path: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the cells of a row or sentence have in common."""

    row: str
    group: str
    basis: str
    printed: bool
    """Whether the source prints a text in each cell."""


def read_cells(pack: Section, roles: Mapping[RoleSlug, Role], sources: Mapping[str, str]) -> Iterator[PlacedCell]:
    """Every cell, tables first, in the order of the file."""
    seen: set[tuple[str, ...]] = set()
    for table in pack.sections("tables"):
        source = table.text("source")
        if source and source not in sources:
            table.wrong("source", f"{source} isn't listed under sources.")
        basis = f"{source}, {table.text('name')}"
        if (basis,) in seen:
            table.problems.add(table.path, "stands twice; put its rows together.")
        seen.add((basis,))
        yield from _table(table, basis, roles, seen)
    for sentence in pack.sections("sentences"):
        frame = _Frame(sentence.text("name"), "", sentence.text("rule"), printed=False)
        _once(sentence, (frame.basis, "sentence", frame.row), seen)
        for slug, section in sentence.named_sections():
            yield _cell(section, frame, _role(sentence, slug, roles))


def _table(
    table: Section, basis: str, roles: Mapping[RoleSlug, Role], seen: set[tuple[str, ...]]
) -> Iterator[PlacedCell]:
    prose = table.flag("prose", default=False)
    stated = table.flag("stated", default=True)
    header = table.section("columns")
    columns = [(slug, _column(header, slug, roles)) for slug in header.names()]
    header.done()
    for row in table.sections("rows"):
        frame = _Frame(row.text("name"), row.optional_text("group") or "", basis, printed=not prose)
        _once(row, (basis, frame.group, frame.row), seen)
        for slug, role in columns:
            if not stated:
                cell = Cell(frame.row, RoleSlug(slug), "", (), basis, stated=False, group=frame.group)
                yield PlacedCell(cell, row.key(slug))
            elif slug not in row:
                row.wrong(slug, "is missing: every row has a cell for every column.")
            else:
                yield _cell(row.section(slug), frame, role)
        row.done()
    table.done()


def _column(header: Section, slug: str, roles: Mapping[RoleSlug, Role]) -> Role | None:
    header.text(slug)
    return _role(header, slug, roles)


def _role(section: Section, slug: str, roles: Mapping[RoleSlug, Role]) -> Role | None:
    role = roles.get(RoleSlug(slug))
    if role is None:
        section.wrong(slug, f"{slug} is no role of this pack.")
    return role


def _once(section: Section, key: tuple[str, ...], seen: set[tuple[str, ...]]) -> None:
    if key in seen:
        section.problems.add(section.path, "stands twice: a cell is written once.")
    seen.add(key)


def _cell(section: Section, frame: _Frame, role: Role | None) -> PlacedCell:
    text = section.text("text", required=False) if frame.printed else ""
    if frame.printed and "text" not in section:
        section.wrong("text", "is missing: write the cell as the source prints it.")
    stated = section.flag("stated", default=True)
    differs = section.optional_text("differs") or ""
    grants = tuple(_grants(section, role))
    section.done()
    if grants and (not stated or (frame.printed and text in DENIALS)):
        section.wrong("may", "gives something where the source gives nothing.")
    if not grants and stated and frame.printed and text not in DENIALS and not differs:
        section.problems.add(section.path, f"prints “{text}” and gives nothing: write `may`, or say why in `differs`.")
    slug = role.slug if role else RoleSlug("")
    return PlacedCell(Cell(frame.row, slug, text, grants, frame.basis, differs, stated, frame.group), section.path)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a cell says for each permission that doesn't say it itself."""

    reach: Reach | None
    assessments: tuple[str, ...]
    reports: tuple[str, ...]


def _grants(cell: Section, role: Role | None) -> Iterator[GrantSpec]:
    reach = cell.choice("reach", Reach) if "reach" in cell else None
    shared = _Shared(reach or _default_reach(role), cell.texts("assessments"), cell.texts("reports"))
    given: set[str] = set()
    for place, item in enumerate(cell.items("may"), start=1):
        entry = cell.under(f"may[{place}]", {"permission": item} if isinstance(item, str) else item)
        spec = _grant(entry, shared)
        if spec is None:
            continue
        if spec.permission in given:
            cell.wrong("may", f"names {spec.permission} twice.")
        given.add(spec.permission)
        yield spec
    if not given and ("reach" in cell or shared.assessments or shared.reports):
        cell.wrong("may", "is missing: reach, assessments or reports stand without a permission.")


def _grant(entry: Section, shared: _Shared) -> GrantSpec | None:
    permission = entry.text("permission")
    reach = entry.choice("reach", Reach) if "reach" in entry else shared.reach
    spec = GrantSpec(
        permission=Permission(permission),
        reach=reach or Reach.SELF,
        assessments=frozenset(entry.texts("assessments") or shared.assessments),
        reports=frozenset(entry.texts("reports") or shared.reports),
        about_roles=frozenset(map(RoleSlug, entry.texts("about_roles"))),
        upcoming=entry.flag("upcoming", default=False),
    )
    entry.done()
    if reach is None:
        entry.wrong("reach", "is missing: the role is held at several levels, so how far it reaches must be said.")
    return spec if permission else None


def _default_reach(role: Role | None) -> Reach | None:
    """The reach of the role's only level. A role that is unknown is a problem of its own."""
    if role is None or not role.levels:
        return Reach.SELF
    return DEFAULT_REACH[next(iter(role.levels))] if len(role.levels) == 1 else None
