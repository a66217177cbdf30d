"""Reads a decision table (`programs/*.decisions.yaml`) and says what it expects of each single case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from policy.facts import Level
from policy.ids import Permission, RoleSlug
from policy.pack import Pack
from store.shipped_packs import PROGRAMS, pack_file, vocabulary
from tests.programs.places import Asked, base, places

KEYS = {"who", "may", "what", "report", "about", "where", "expect", "rule"}
REPORTS = ("student-test-assignment", "student-test-settings", "lea-user-list")


class Case(NamedTuple):
    role: RoleSlug
    level: Level
    asked: Asked
    place: str

    def __str__(self) -> str:
        more = " ".join(str(one) for one in (self.asked.kind, self.asked.report, self.asked.about) if one)
        return f"{self.role} ({self.level}) {self.asked.permission} {more} at {self.place}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; each member holds what stands there, or all that it may mean."""

    number: int
    text: str
    who: tuple[str, ...]
    may: tuple[str, ...]
    what: tuple[str, ...]
    report: tuple[str | None, ...]
    about: tuple[str | None, ...]
    where: tuple[str, ...]
    allow: bool


@dataclass(frozen=True, slots=True)
class Table:
    file: str
    pack: Pack
    year: str | None
    rows: tuple[Row, ...]
    expected: Mapping[Case, bool]
    faults: tuple[str, ...]
    """What is wrong with the table itself: unknown names, rows that say nothing, rows that contradict each other."""

    def expects(self, case: Case) -> bool:
        """What rows say of the case or of the wider one that takes it in; nothing means Deny."""
        asked = case.asked
        wider = (
            case,
            case._replace(asked=Asked(asked.permission, asked.kind, None, asked.about)),
            case._replace(asked=Asked(asked.permission, asked.kind, asked.report, None)),
        )
        if any(self.expected.get(one, False) for one in wider):
            return True
        below = base(case.level, case.place)
        return below is not None and self.expects(case._replace(place=below))

    def every_case(self) -> Iterator[Case]:
        """Each role × level × permission × kind × report × role asked about × place."""
        for role in self.pack.roles.values():
            for level, permission in product(sorted(role.levels), vocabulary()):
                for kind, report, about in product(
                    self._kinds(permission), _reports(permission), self._about(permission)
                ):
                    for place in places(level, about=about):
                        yield Case(role.slug, level, Asked(permission, kind, report, about), place)

    def _kinds(self, permission: Permission) -> tuple[str | None, ...]:
        return kinds(self.pack, permission)

    def _about(self, permission: Permission) -> tuple[RoleSlug | None, ...]:
        personal = permission.startswith(("hallpass:users:", "hallpass:coordinators:"))
        return (None, *self.pack.roles) if personal else (None,)


def kinds(pack: Pack, permission: Permission) -> tuple[str | None, ...]:
    """The kinds of assessment that questions about the permission name in this program."""
    return pack.assessments if vocabulary()[permission].by_assessment and pack.assessments else (None,)


def _reports(permission: Permission) -> tuple[str | None, ...]:
    return (None, *REPORTS) if vocabulary()[permission].by_report else (None,)


def table_paths() -> list[Path]:
    return sorted(PROGRAMS.glob("*.decisions.yaml"))


@cache
def read_table(path: Path) -> Table:
    source = path.with_name(path.name.replace(".decisions.yaml", ".toml"))
    pack = pack_file(source.read_text(encoding="utf-8"), source.name).pack
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    faults = [f"unknown key {key}" for key in read.keys() - {"program", "year", "rows"}]
    rows = tuple(_row(number, row) for number, row in enumerate(read["rows"], start=1))
    faults += [f"row {n}: unknown key" for n, row in enumerate(read["rows"], start=1) if row.keys() - KEYS]
    expected: dict[Case, bool] = {}
    said_by: dict[Case, Row] = {}
    for row in rows:
        cases = list(_cases(row, pack, faults))
        if not cases:
            faults.append(f"row {row.number} says nothing: {row.text}")
        for case in cases:
            if expected.setdefault(case, row.allow) is not row.allow:
                faults.append(f"rows {said_by[case].number} and {row.number} contradict each other: {case}")
            said_by.setdefault(case, row)
    if read["program"] != pack.program or read.get("year") != pack.from_year:
        faults.append("program or year differ from the pack's")
    return Table(path.name, pack, read.get("year"), rows, expected, tuple(faults))


def _row(number: int, row: Mapping[str, Any]) -> Row:
    return Row(
        number,
        str(row),
        who=_list(row["who"]),
        may=_list(row["may"]),
        what=_list(row.get("what", ())),
        report=_list(row["report"]) if "report" in row else (None,),
        about=_list(row["about"]) if "about" in row else (None,),
        where=_list(row.get("where", ())),
        allow={"allow": True, "deny": False}[row["expect"]],
    )


def _list(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _cases(row: Row, pack: Pack, faults: list[str]) -> Iterator[Case]:
    names = (*row.who, *row.may)
    if row.allow and any("*" in name for name in names):
        faults.append(f"row {row.number}: * stands in an allow row")
    used: set[str] = set()
    for role in _matching(row.who, list(pack.roles), row, faults):
        for level in sorted(pack.roles[RoleSlug(role)].levels):
            used |= set(places(level))
            for asked in _asked(row, pack, faults):
                for place in places(level, about=asked.about):
                    if not row.where or place in row.where:
                        yield Case(RoleSlug(role), level, asked, place)
    faults.extend(f"row {row.number}: {place} means nothing here" for place in set(row.where) - used)


def _asked(row: Row, pack: Pack, faults: list[str]) -> Iterator[Asked]:
    faults.extend(f"row {row.number}: {kind} is unknown" for kind in set(row.what) - set(pack.assessments))
    faults.extend(f"row {row.number}: {role} is unknown" for role in row.about if role and role not in pack.roles)
    for name in _matching(row.may, list(vocabulary()), row, faults):
        permission = Permission(name)
        named = [kind for kind in kinds(pack, permission) if not row.what or kind in row.what]
        if not named:
            faults.append(f"row {row.number}: {permission} isn't divided by assessments")
        for kind, report, about in product(named, row.report, row.about):
            yield Asked(permission, kind, report, RoleSlug(about) if about else None)


def _matching(patterns: tuple[str, ...], known: list[Any], row: Row, faults: list[str]) -> list[str]:
    found = [str(name) for name in known if any(fnmatchcase(str(name), pattern) for pattern in patterns)]
    faults.extend(
        f"row {row.number}: {one} is unknown" for one in patterns if not any(fnmatchcase(n, one) for n in known)
    )
    return found
