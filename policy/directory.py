"""What a directory file would change: the difference to the known tree, and when somebody must accept it first."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policy.directory_known import (
    Change,
    ChangeKind,
    DerivedRole,
    Difference,
    Keys,
    KnownDirectory,
    KnownHead,
    KnownOrganization,
    Matched,
    NewHead,
)
from policy.directory_rows import DirectoryRow, Funding, RowProblem
from policy.facts import Level, UserStatus, Years
from policy.ids import AssignmentId, OrganizationId
from policy.packs import Packs

DIRECTORY = "directory"
"""What a role's `derived` says when the directory gives it."""
CLOSED_PERCENT = 1
SUPERINTENDENTS_PERCENT = 5


def derived_roles(packs: Packs, years: Years) -> tuple[DerivedRole, ...]:
    """The roles that the directory gives, of each program's pack in its current year."""
    found = [
        DerivedRole(program, role.slug, year)
        for program, year in years.current.items()
        if (pack := packs.at(program, year)) is not None
        for role in pack.roles.values()
        if role.derived == DIRECTORY
    ]
    return tuple(sorted(found))


def missing_state(rows: Sequence[DirectoryRow], known: KnownDirectory) -> RowProblem | None:
    """The first file must name the state itself, under which all LEAs lie."""
    if any(one.level is Level.STATE for one in (*rows, *known.organizations)):
        return None
    remedy = "Add a row of level state with the state's code and name, without a parent."
    return RowProblem(None, "level", "", "The state itself is not known yet and not in the file.", remedy)


def difference(rows: Sequence[DirectoryRow], known: KnownDirectory, keys: Keys) -> Difference:
    """What the rows, which are the whole directory, change in what is known. Rows must have passed `check_tree`."""
    matched = _match(rows, known, keys)
    parents = {one.row.code: one.known.id for one in matched if one.known and one.row.level is Level.LEA}
    codes = {one.id: one.code for one in known.organizations}
    per_row = [(one, tuple(_changes_of(one, parents, codes))) for one in matched]
    closing = _left_out(matched, known)
    heads = _heads(matched, known, keys)
    changes = (
        *(change for _, found in per_row for change in found),
        *(_closed(one) for one in closing),
        *heads.changes,
    )
    return Difference(
        changes=changes,
        organizations=tuple(one for one, found in per_row if found),
        closing=closing,
        new_heads=heads.new,
        ending_heads=heads.ending,
        notes=tuple(_notes(rows, known, keys)),
        must_accept=tuple(_must_accept(changes, known)),
    )


def _match(rows: Sequence[DirectoryRow], known: KnownDirectory, keys: Keys) -> list[Matched]:
    """Each row with its organization: by level and code, else the one whose code alone changed."""
    by_code = {(one.level, one.code): one for one in known.organizations}
    state = next((one for one in known.organizations if one.level is Level.STATE), None)
    found = {
        row.row: state if row.level is Level.STATE else by_code.get((row.level, row.code)) for row in rows
    }  # fmt: skip
    for level in (Level.LEA, Level.SCHOOL):
        leas = {row.code: one.id for row in rows if row.level is Level.LEA and (one := found[row.row]) is not None}
        found |= _recoded([row for row in rows if row.level is level], found, leas, known, keys)
    return [Matched(row, found[row.row]) for row in rows]


def _recoded(
    rows: Sequence[DirectoryRow],
    found: Mapping[int, KnownOrganization | None],
    leas: Mapping[str, OrganizationId],
    known: KnownDirectory,
    keys: Keys,
) -> dict[int, KnownOrganization]:
    """New rows that are a known organization under another code: same parent and name, and no other candidate."""
    taken = {one.id for one in found.values() if one is not None}
    level = rows[0].level if rows else None
    lost: dict[tuple[OrganizationId | None, str], list[KnownOrganization]] = defaultdict(list)
    for one in known.organizations:
        if one.level is level and one.active and one.id not in taken:
            lost[one.parent if level is Level.SCHOOL else None, keys.name(one.name)].append(one)
    new: dict[tuple[OrganizationId | None, str], list[DirectoryRow]] = defaultdict(list)
    for row in rows:
        if found[row.row] is None and row.active:
            new[leas.get(row.parent) if level is Level.SCHOOL else None, keys.name(row.name)].append(row)
    return {
        candidates[0].row: lost[key][0]
        for key, candidates in new.items()
        if len(candidates) == 1 and len(lost.get(key, ())) == 1
    }


def _changes_of(
    one: Matched, parents: Mapping[str, OrganizationId], codes: Mapping[OrganizationId, str]
) -> Iterator[Change]:
    row, before = one.row, one.known

    def change(kind: ChangeKind, was: str, now: str) -> Change:
        return Change(kind, row.level, row.code, row.name, row.row, was, now)

    if before is None:
        yield change(ChangeKind.ADDED, "", row.name)
        return
    if before.code != row.code:
        yield change(ChangeKind.RECODED, before.code, row.code)
    if before.name != row.name:
        yield change(ChangeKind.RENAMED, before.name, row.name)
    if row.level is Level.SCHOOL and before.parent != parents.get(row.parent):
        yield change(ChangeKind.MOVED, codes[before.parent] if before.parent else "", row.parent)
    if before.funding != row.funding:
        yield change(ChangeKind.REFUNDED, before.funding or "", row.funding or "")
    if before.active != row.active:
        yield change(ChangeKind.REOPENED if row.active else ChangeKind.CLOSED, "", "")


def _left_out(matched: Sequence[Matched], known: KnownDirectory) -> tuple[KnownOrganization, ...]:
    kept = {one.known.id for one in matched if one.known is not None}
    return tuple(
        one for one in known.organizations if one.active and one.level is not Level.STATE and one.id not in kept
    )


def _closed(one: KnownOrganization) -> Change:
    return Change(ChangeKind.CLOSED, one.level, one.code, one.name, None, "", "")


@dataclass(frozen=True, slots=True)
class _Heads:
    changes: tuple[Change, ...]
    new: tuple[NewHead, ...]
    ending: tuple[AssignmentId, ...]


def _heads(matched: Iterable[Matched], known: KnownDirectory, keys: Keys) -> _Heads:
    """Derived assignments to give and to end: what the file says of each LEA against what is stored."""
    stored: dict[OrganizationId, list[KnownHead]] = defaultdict(list)
    for head in known.heads:
        stored[head.lea].append(head)
    changes: list[Change] = []
    new: list[NewHead] = []
    ending: list[AssignmentId] = []
    for one in matched:
        if one.row.level is not Level.LEA:
            continue
        before = stored.pop(one.known.id, []) if one.known else []
        person = one.row.superintendent if one.row.active and one.row.funding is not Funding.LOCAL else None
        key = keys.email(person.email) if person else None
        kept = {head.role for head in before if head.email_key == key}
        missing = [role for role in known.derived if role not in kept] if person else []
        ending += [head.assignment for head in before if head.email_key != key]
        if person:
            new += [NewHead(one.row.code, role, person) for role in missing]
        kind = _head_change({head.email_key for head in before}, key, completed=not missing)
        if kind is not None:
            was = ", ".join(sorted({head.email_key for head in before}))
            changes.append(
                Change(kind, Level.LEA, one.row.code, one.row.name, one.row.row, was, person.email if person else "")
            )
    names = {one.id: one for one in known.organizations}
    for lea, heads in stored.items():
        ending += [head.assignment for head in heads]
        was = ", ".join(sorted({head.email_key for head in heads}))
        changes.append(Change(ChangeKind.HEAD_GONE, Level.LEA, names[lea].code, names[lea].name, None, was, ""))
    return _Heads(tuple(changes), tuple(new), tuple(ending))


def _head_change(before: set[str], after: str | None, *, completed: bool) -> ChangeKind | None:
    if after is None:
        return ChangeKind.HEAD_GONE if before else None
    if not before:
        return None if completed else ChangeKind.HEAD_ADDED
    if before != {after}:
        return ChangeKind.HEAD_CHANGED
    return None if completed else ChangeKind.HEAD_EXTENDED


def _notes(rows: Sequence[DirectoryRow], known: KnownDirectory, keys: Keys) -> Iterator[str]:
    """What is reported and never applied: another name of a known person, a suspended account."""
    if not known.derived and any(row.superintendent for row in rows):
        yield "No program has a current school year: superintendents get their roles by an import after it is opened."
    for row in rows:
        one = row.superintendent
        user = known.users.get(keys.email(one.email)) if one else None
        if one is None or user is None:
            continue
        if (user.first_name, user.last_name) != (one.first_name, one.last_name):
            yield (
                f"Row {row.row}: the account of {one.email} has another name than {one.first_name} {one.last_name}; "
                "it stays as it is."
            )
        if user.status is UserStatus.SUSPENDED:
            yield f"Row {row.row}: the account of {one.email} is suspended and stays so; the role gives nothing."


def _must_accept(changes: Iterable[Change], known: KnownDirectory) -> Iterator[str]:
    found = Counter(change.kind for change in changes)
    active = sum(one.active and one.level is not Level.STATE for one in known.organizations)
    if found[ChangeKind.CLOSED] * 100 > active * CLOSED_PERCENT and active:
        yield (
            f"It closes {found[ChangeKind.CLOSED]} of {active} organizations, more than {CLOSED_PERCENT} %: "
            "see that the file is complete."
        )
    heads = len({head.lea for head in known.heads})
    changed = found[ChangeKind.HEAD_CHANGED] + found[ChangeKind.HEAD_GONE]
    if changed * 100 > heads * SUPERINTENDENTS_PERCENT and heads:
        yield (
            f"It changes {changed} of {heads} superintendents, more than {SUPERINTENDENTS_PERCENT} %: "
            "see that the addresses are right."
        )
