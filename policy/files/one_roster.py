"""Staff in a OneRoster 1.1 or 1.2 set of CSV files: who works where, and which role that may suggest. Gives nothing."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from policy.facts import Level
from policy.files.addresses import email
from policy.files.cells import clean
from policy.files.faults import Checked, Fault, problem
from policy.files.format import Column, Field
from policy.files.known import FileKnowledge
from policy.files.names import person_name
from policy.files.one_roster_tables import Files, Line, of_file, table
from policy.files.phones import phone
from policy.files.reader import FileLimits
from policy.files.rows import FileRefusedError, OrganizationRef, RowProblem
from policy.ids import ProgramCode, RoleSlug

_MOST_ORGANIZATIONS = 50_000
_MOST_HOLDINGS = 500_000
_NOT_STAFF = frozenset({"student", "parent", "guardian", "relative", "contact", ""})
_LEVELS = {"school": Level.SCHOOL, "district": Level.LEA}
_COLUMNS = {
    "givenName": Column(Field.FIRST_NAME, "givenName"),
    "familyName": Column(Field.LAST_NAME, "familyName"),
    "email": Column(Field.EMAIL, "email", max_length=254),
    "phone": Column(Field.PHONE, "phone", required=False, max_length=40),
}
_ORGS = ("sourcedId", "name", "type")
_USERS = ("sourcedId", "givenName", "familyName", "email")
_ROLES = ("userSourcedId", "role", "orgSourcedId")

Suggesting = Mapping[str, tuple[RoleSlug, ...]]
"""By OneRoster role: the program's roles that it suggests."""


class Suggestion(NamedTuple):
    """A person at an organization; `suggested` is a proposal to a coordinator and never more (empty: none)."""

    number: int
    """Of the row in users.csv."""
    email: str
    first_name: str
    last_name: str
    phone: str
    organization: OrganizationRef
    organization_name: str
    source_role: str
    """As the set writes it: `teacher`."""
    suggested: tuple[RoleSlug, ...]
    ends_on: str
    """As the set writes it: `2027-06-30`; empty: it says nothing."""


class Place(NamedTuple):
    """An organization of the set."""

    ref: OrganizationRef
    name: str


class _Holding(NamedTuple):
    role: str
    org: str
    ends_on: str


def read_suggesting(text: str, program: ProgramCode) -> Suggesting:
    """What `programs/suggestions/one-roster.toml` says for a program; nothing where it isn't named."""
    found = cast(Mapping[str, Mapping[str, list[str]]], tomllib.loads(text)).get(program, {})
    return {role: tuple(RoleSlug(slug) for slug in slugs) for role, slugs in found.items()}


def read_staff(
    files: Files, known: FileKnowledge, suggesting: Suggesting, limits: FileLimits | None = None
) -> Iterator[Suggestion | RowProblem]:
    """Staff of the set, once for each organization; students and families are skipped unread.

    Memory grows with organizations and staff, not with students. Raises FileRefusedError.
    """
    limits = limits or FileLimits()
    for needed in ("orgs.csv", "users.csv"):
        if needed not in files:
            raise FileRefusedError("missing-file", f"The set has no {needed}.", "Upload the whole OneRoster set.")
    places = organizations(files, limits)
    held = _roles(files, limits) if "roles.csv" in files else None
    for line in table(files, "users.csv", _USERS, limits):
        if isinstance(line, RowProblem):
            yield line
            continue
        holdings = _of_user(line) if held is None else held.get(line["sourcedId"], [])
        if holdings and line["enabledUser"].lower() != "false":
            yield from _person(line, holdings, places, known, suggesting)


def organizations(files: Files, limits: FileLimits) -> dict[str, Place]:
    """Districts and schools by sourcedId; the identifier is their code. Others aren't kept here."""
    found: dict[str, Place] = {}
    for line in table(files, "orgs.csv", _ORGS, limits):
        if isinstance(line, Line) and line["type"].lower() in _LEVELS:
            ref = OrganizationRef(_LEVELS[line["type"].lower()], line["identifier"])
            found[line["sourcedId"]] = Place(ref, line["name"])
            if len(found) > _MOST_ORGANIZATIONS:
                raise _too_many("orgs.csv", _MOST_ORGANIZATIONS, "districts and schools")
    return found


def _roles(files: Files, limits: FileLimits) -> dict[str, list[_Holding]]:
    """OneRoster 1.2: who holds which role where."""
    held: dict[str, list[_Holding]] = {}
    count = 0
    for line in table(files, "roles.csv", _ROLES, limits):
        if isinstance(line, Line) and line["role"].lower() not in _NOT_STAFF:
            holding = _Holding(line["role"], line["orgSourcedId"], line["endDate"])
            held.setdefault(line["userSourcedId"], []).append(holding)
            count += 1
            if count > _MOST_HOLDINGS:
                raise _too_many("roles.csv", _MOST_HOLDINGS, "roles of staff")
    return held


def _of_user(line: Line) -> list[_Holding]:
    """OneRoster 1.1: one role, at each organization of the list."""
    if line["role"].lower() in _NOT_STAFF:
        return []
    orgs = (one.strip() for one in line["orgSourcedIds"].split(","))
    return [_Holding(line["role"], org, "") for org in orgs if org]


def _person(
    line: Line, holdings: list[_Holding], places: Mapping[str, Place], known: FileKnowledge, suggesting: Suggesting
) -> Iterator[Suggestion | RowProblem]:
    values: list[str] = []
    good = True
    for heading, column in _COLUMNS.items():
        checked = _checked(column, line[heading], known)
        values.append(checked.value if checked.good else "")
        good = good and (checked.good or not column.required)
        for fault in checked.faults:
            yield of_file("users.csv", problem(fault, line.number, heading, ""))
    if not good:
        return
    first, last, address, number = values
    for holding in dict.fromkeys(holdings):
        place = places.get(holding.org)
        if place is None or not place.ref.code:
            yield of_file("users.csv", problem(_nowhere(holding.org), line.number, "orgSourcedId", ""))
            continue
        roles = suggesting.get(holding.role.lower(), ())
        yield Suggestion(
            line.number, address, first, last, number, place.ref, place.name, holding.role, roles, holding.ends_on
        )


def _checked(column: Column, cell: str, known: FileKnowledge) -> Checked:
    checked = clean(column, cell)
    if not checked.good or not checked.value:
        return checked
    match column.field:
        case Field.EMAIL:
            return email(checked.value, known.last_label_limit, known.judge_email)
        case Field.PHONE:
            found = phone(checked.value, "", known.judge_phone)
            return found if found.good else Checked("")
        case _:
            return person_name(checked.value)


def _nowhere(org: str) -> Fault:
    return Fault(
        "unknown-organization", "files", f"“{org}” is no district or school of orgs.csv with an identifier.",
        "Give the organization its code as identifier in the student information system.",
    )  # fmt: skip


def _too_many(name: str, most: int, what: str) -> FileRefusedError:
    text = f"{name} has more than {most:,} {what}."
    return FileRefusedError("too-many-rows", text, "Export the set for fewer schools at once.")
