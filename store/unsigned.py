"""Who hasn't signed which form, as far as the caller may see: a page, a count, and everybody at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from policy.access import RowFilter
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.own_systems import OwnSystems
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.reach import ReachedRows, with_clause
from store.records import Count, Page, UnsignedFormRecord

_KIND = "unsigned forms"


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A form that a role asks for in a school year."""

    program: ProgramCode
    school_year: SchoolYear
    role: RoleSlug
    form: str


@dataclass(frozen=True, slots=True)
class UnsignedSought:
    """`asked`: the forms in question. `organization`: it and, of an LEA, its schools. `rows`: what the caller sees."""

    asked: tuple[AskedForm, ...]
    today: date
    rows: RowFilter
    own: OwnSystems | None = None
    organization: OrganizationId | None = None
    but: UserId | None = None
    """Not her."""


async def unsigned_page(
    connection: Connection, sought: UnsignedSought, request: PageRequest
) -> Page[UnsignedFormRecord]:
    """Ordered by name; each person once for each form. Raises PageRefusedError."""
    parameters = Parameters()
    parts = _parts(parameters, sought, active_only=False)
    behind = ""
    if request.after is not None:
        name, user, program, year, form = read_cursor(_KIND, 5, request.after)
        behind = fill(
            "unsigned", "behind", name_key=parameters.add(name, "text"), user_id=parameters.add(UUID(user), "uuid"),
            program=parameters.add(program, "text"), school_year=parameters.add(year, "text"),
            form=parameters.add(form, "text"),
        )  # fmt: skip
    text = fill("unsigned", "page", behind=behind, limit=parameters.add(request.first + 1, "int"), **parts)
    return page_of(await connection.fetch(text, *parameters.values), request, _record, _cursor)


async def count_unsigned(connection: Connection, sought: UnsignedSought) -> Count:
    parameters = Parameters()
    parts = _parts(parameters, sought, active_only=False)
    text = fill("unsigned", "count", limit=parameters.add(COUNTED_EXACTLY + 1, "int"), **parts)
    return count_of(await connection.fetchval(text, *parameters.values))


async def people_who_have_not_signed(
    connection: Connection, sought: UnsignedSought
) -> Sequence[tuple[UserId, ProgramCode, SchoolYear]]:
    """Everybody who can sign in and lacks one of the forms, once for each program and year."""
    parameters = Parameters()
    text = fill("unsigned", "people", **_parts(parameters, sought, active_only=True))
    rows = await connection.fetch(text, *parameters.values)
    return [(row["user_id"], row["program"], row["school_year"]) for row in rows]


def _parts(parameters: Parameters, sought: UnsignedSought, *, active_only: bool) -> dict[str, str]:
    reached = ReachedRows(parameters, sought.rows, sought.own)
    narrowed = ""
    if sought.organization is not None:
        where = parameters.add(sought.organization, "uuid")
        narrowed += fill("unsigned", "at_organization", organization=where)
    if sought.but is not None:
        narrowed += fill("unsigned", "not_person", user=parameters.add(sought.but, "uuid"))
    unsigned = fill(
        "unsigned", "unsigned", asked=parameters.add(asked_rows(sought.asked), "jsonb"),
        statuses="'active'" if active_only else "'invited', 'active', 'inactive'",
        today=parameters.add(sought.today, "date"), reached=reached.assignment("a"), narrowed=narrowed,
    )  # fmt: skip
    return {"unsigned": unsigned, "with": with_clause(*reached.ctes())}


def asked_rows(asked: Sequence[AskedForm]) -> list[dict[str, str]]:
    """As a statement takes them."""
    return [
        {"program": one.program, "school_year": one.school_year, "role": one.role, "form": one.form} for one in asked
    ]


def _record(row: Row) -> UnsignedFormRecord:
    return UnsignedFormRecord(row["user_id"], row["program"], row["school_year"], row["form"])


def _cursor(row: Row) -> str:
    return write_cursor(_KIND, row["name_key"], str(row["user_id"]), row["program"], row["school_year"], row["form"])
