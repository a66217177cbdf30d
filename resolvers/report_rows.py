"""Reports: what each is called, its columns, and its rows as cells, within what the caller sees."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from policy.access import AnyOf
from policy.ids import OrganizationId, ProgramCode, SchoolYear
from policy.reach import Visible
from policy.reports import in_year, roles_that_answer_for_a_school
from resolvers.asking import Asking
from resolvers.refusals import bad_input
from resolvers.unsigned import UnsignedWanted, asked_forms
from store.access_review_progress import ReviewReport, review_rows
from store.connection import Connection, Row
from store.reports import (
    CoordinatorSought,
    ReportScope,
    no_recent_sign_in,
    roles_by_school,
    schools_without,
    unsigned_forms,
    user_list,
)

USUAL_DAYS: Final = 90
MOST_DAYS: Final = 3_650
Cell = str | int | None
Cells = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ReportRules:
    """Who sees the people, and who the schools, of a report."""

    people: AnyOf
    organizations: AnyOf


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What the report is narrowed to. `days`: of a report on sign-ins, how long ago the last one was at least."""

    organization: OrganizationId | None = None
    program: ProgramCode | None = None
    school_year: SchoolYear | None = None
    days: int = USUAL_DAYS


@dataclass(frozen=True, slots=True)
class Report:
    """`rows` reads on a connection that is in a transaction."""

    name: str
    label: str
    columns: tuple[str, ...]
    rows: Callable[[Connection, Asking, ReportRules, ReportAsked], AsyncIterator[Cells]]


def _scope(asking: Asking, rule: AnyOf, asked: ReportAsked) -> ReportScope:
    """Raises RefusedError for a year without its program."""
    rows = asking.rows(rule)
    current = asking.years.current.get(asked.program) if asked.program else None
    if asked.school_year is not None and asked.program is None:
        raise bad_input("Name the program of the school year.")
    if asked.school_year is not None and asked.program is not None and current and asked.school_year < current:
        ranges = in_year(rows.visible.ranges, asked.program, current, asked.school_year)
        rows = replace(rows, visible=Visible(ranges), own=None)
    return ReportScope(rows, asking.own, asked.organization, asked.program, asked.school_year)


async def _user_list(
    connection: Connection, asking: Asking, rules: ReportRules, asked: ReportAsked
) -> AsyncIterator[Cells]:
    async for row in user_list(connection, _scope(asking, rules.people, asked)):
        yield (
            row["first_name"], row["last_name"], row["code"], row["email"], row["phone"], _label(asking, row),
            row["name"], row["level"], row["lea_code"], row["program"], row["school_year"], row["account"],
            row["status"], "yes" if row["primary"] else "", _day(row["last_day"]),
            _moment(asking, row["last_sign_in_at"]),
        )  # fmt: skip


async def _no_recent_sign_in(
    connection: Connection, asking: Asking, rules: ReportRules, asked: ReportAsked
) -> AsyncIterator[Cells]:
    if not 1 <= asked.days <= MOST_DAYS:
        raise bad_input(f"days is from 1 to {MOST_DAYS}.")
    before = asking.clock.now - timedelta(days=asked.days)
    async for row in no_recent_sign_in(connection, _scope(asking, rules.people, asked), before):
        yield (
            row["first_name"], row["last_name"], row["email"], row["account"],
            _moment(asking, row["last_sign_in_at"]) or "never", _moment(asking, row["created_at"]), row["program"],
            _label(asking, row), row["code"], row["name"],
        )  # fmt: skip


async def _roles_by_school(
    connection: Connection, asking: Asking, rules: ReportRules, asked: ReportAsked
) -> AsyncIterator[Cells]:
    async for row in roles_by_school(connection, _scope(asking, rules.people, asked)):
        yield (
            row["lea_code"], row["level"], row["code"], row["name"], row["program"], row["school_year"],
            _label(asking, row), row["active"], row["suspended"],
        )  # fmt: skip


async def _schools_without(
    connection: Connection, asking: Asking, rules: ReportRules, asked: ReportAsked
) -> AsyncIterator[Cells]:
    sought = tuple(_coordinators(asking))
    async for row in schools_without(
        connection, _scope(asking, rules.organizations, asked), sought, asking.clock.today
    ):
        yield row["lea_code"], row["lea_name"], row["code"], row["name"], row["program"], row["school_year"]


async def _unsigned_forms(
    connection: Connection, asking: Asking, rules: ReportRules, asked: ReportAsked
) -> AsyncIterator[Cells]:
    wanted = UnsignedWanted(asked.program, asked.school_year)
    forms = tuple(asked_forms(asking, wanted))
    async for row in unsigned_forms(connection, _scope(asking, rules.people, asked), forms, asking.clock.today):
        pack = asking.packs.at(ProgramCode(row["program"]), SchoolYear(row["school_year"]) or None)
        form = pack.forms.get(row["form"]) if pack else None
        yield (
            row["first_name"], row["last_name"], row["email"], row["code"], row["name"], row["program"],
            row["school_year"], _label(asking, row), form.label if form else row["form"],
        )  # fmt: skip


async def _access_review(
    connection: Connection, asking: Asking, rules: ReportRules, asked: ReportAsked
) -> AsyncIterator[Cells]:
    scope = _scope(asking, rules.people, asked)
    wanted = ReviewReport(scope.rows, asking.clock.today, asked.organization, asked.program, asked.school_year)
    async for row in review_rows(connection, wanted):
        yield (
            row["first_name"], row["last_name"], row["email"], row["code"], row["name"], row["program"],
            row["school_year"], _label(asking, row), _day(row["due_on"]), _said(row), row["reason"],
            row["answered_by"], row["answered_under"], _moment(asking, row["answered_at"]),
        )  # fmt: skip


def _said(row: Row) -> str:
    """What became of an item of an access review; empty: it is still to be answered."""
    if row["answer"] is not None:
        return row["answer"]
    if row["gone"]:
        return "gone"
    return {"suspended": "not answered, suspended", "left": "not answered"}.get(row["outcome"] or "", "")


def _coordinators(asking: Asking) -> Iterator[CoordinatorSought]:
    """Of each program's current year, the roles one of which a school should have."""
    for program, year in sorted(asking.years.current.items()):
        pack = asking.packs.at(program, year)
        if pack is not None and (roles := roles_that_answer_for_a_school(pack)):
            yield CoordinatorSought(program, year, roles)


def _label(asking: Asking, row: Row) -> str:
    """The role as its year's pack calls it."""
    pack = asking.packs.at(ProgramCode(row["program"]), SchoolYear(row["school_year"]) or None)
    role = pack.roles.get(row["role"]) if pack else None
    return role.label if role else row["role"]


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _moment(asking: Asking, value: datetime | None) -> str:
    """In the state's time zone."""
    return value.astimezone(asking.clock.zone).strftime("%Y-%m-%d %H:%M") if value else ""


def reports(first_columns: tuple[str, ...]) -> Mapping[str, Report]:
    """Every report by name. `first_columns`: headings A–F of the upload, with which the user list begins (S0-37)."""
    every = (
        Report(
            "lea-user-list", "LEA user list",
            (
                *first_columns, "Organization", "Level", "LEA Code", "Program", "School Year", "Account",
                "Assignment", "Primary", "Last Day", "Last Sign-in",
            ),
            _user_list,
        ),
        Report(
            "unsigned-forms", "Unsigned security forms",
            (
                "First Name", "Last Name", "E-mail Address", "CDS Code", "Organization", "Program", "School Year",
                "Role", "Form",
            ),
            _unsigned_forms,
        ),
        Report(
            "no-recent-sign-in", "No recent sign-in",
            (
                "First Name", "Last Name", "E-mail Address", "Account", "Last Sign-in", "Created", "Program", "Role",
                "CDS Code", "Organization",
            ),
            _no_recent_sign_in,
        ),
        Report(
            "roles-by-school", "Roles by school",
            (
                "LEA Code", "Level", "Code", "Organization", "Program", "School Year", "Role", "Active", "Suspended",
            ),
            _roles_by_school,
        ),
        Report(
            "schools-without-coordinator", "Schools without a coordinator",
            ("LEA Code", "LEA", "School Code", "School", "Program", "School Year"),
            _schools_without,
        ),
        Report(
            "access-review", "Access review",
            (
                "First Name", "Last Name", "E-mail Address", "CDS Code", "Organization", "Program", "School Year",
                "Role", "Due", "Answer", "Reason", "Answered By", "Answered As", "Answered At",
            ),
            _access_review,
        ),
    )  # fmt: skip
    return {one.name: one for one in every}
