"""Sets of suggested roles taken in: what is known at the organizations of a set, and what a set changes of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from policy.facts import Level, Organization
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.suggestions import SuggestionState
from store.connection import Connection
from store.statements import statements

_SQL: Final = "suggestions"
_COLUMNS: Final = (
    "id", "organization_id", "person_key", "role", "source_role", "source_row", "email", "email_key", "first_name",
    "last_name", "name_key", "phone", "program", "school_year", "sent_by", "sent_at", "seen_on",
)  # fmt: skip


class NewSuggestion(NamedTuple):
    """In the order of the table's columns. `person_key`: keyed hash of the address."""

    id: UUID
    organization: OrganizationId
    person_key: bytes
    role: RoleSlug | None
    source_role: str
    source_row: int
    email: str
    email_key: str
    first_name: str
    last_name: str
    name_key: str
    phone: str | None


class KnownSuggestion(NamedTuple):
    """As it is stored; of the person a decided one has the key alone."""

    id: UUID
    organization: OrganizationId
    person_key: bytes
    role: RoleSlug | None
    state: SuggestionState
    source_role: str
    email: str | None
    first_name: str | None
    last_name: str | None
    phone: str | None
    seen_on: date


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends a set for which program and year; `places`: the organizations that it speaks for."""

    program: ProgramCode
    school_year: SchoolYear
    by: UserId
    at: datetime
    today: date
    places: frozenset[OrganizationId]


async def known_suggestions(connection: Connection, sending: Sending) -> list[KnownSuggestion]:
    """Whatever is known at the organizations, decided or not."""
    rows = await connection.fetch(
        statements(_SQL)["known"], sorted(sending.places), sending.program, sending.school_year
    )  # fmt: skip
    return [
        KnownSuggestion(
            row["id"], row["organization_id"], row["person_key"], row["role"], SuggestionState(row["state"]),
            row["source_role"], row["email"], row["first_name"], row["last_name"], row["phone"], row["seen_on"],
        )
        for row in rows
    ]  # fmt: skip


async def role_holders(connection: Connection, sending: Sending) -> frozenset[tuple[OrganizationId, str]]:
    """Organization and key of the address of everybody who holds a role of the program there in that year."""
    rows = await connection.fetch(
        statements(_SQL)["holders"], sorted(sending.places), sending.program, sending.school_year
    )  # fmt: skip
    return frozenset((row["organization_id"], row["email_key"]) for row in rows)


async def insert_suggestions(connection: Connection, sending: Sending, new: Sequence[NewSuggestion]) -> None:
    """Raises asyncpg.UniqueViolationError for one that is there already."""
    rest = (sending.program, sending.school_year, sending.by, sending.at, sending.today)
    records = [(*one, *rest) for one in new]
    await connection.copy_records_to_table("role_suggestions", records=records, columns=_COLUMNS)


async def renew_suggestions(
    connection: Connection, sending: Sending, renewed: Sequence[tuple[UUID, NewSuggestion]]
) -> None:
    """Bring these up to date and open those that were superseded; what was decided at this moment stays."""
    columns = zip(
        *(
            (id_, one.source_role, one.source_row, one.email, one.email_key, one.first_name, one.last_name,
             one.name_key, one.phone)
            for id_, one in renewed
        ),
        strict=True,
    )  # fmt: skip
    await connection.execute(
        statements(_SQL)["renew"], *map(list, columns), sending.by, sending.at, sending.today
    )  # fmt: skip


async def see_suggestions(connection: Connection, sending: Sending, ids: Collection[UUID]) -> None:
    """A set contains them on this day."""
    await connection.execute(statements(_SQL)["see"], list(ids), sending.today)


async def supersede_suggestions(connection: Connection, sending: Sending, ids: Collection[UUID]) -> None:
    """Nothing but a keyed hash stays of the persons."""
    await connection.execute(statements(_SQL)["supersede"], list(ids), sending.by, sending.at)


async def organizations_of_leas(connection: Connection, leas: Collection[OrganizationId]) -> list[Organization]:
    """Each LEA with its schools."""
    return [
        Organization(
            row["id"], Level(row["level"]), row["code"], row["name"], row["lea_id"], row["lea_code"], row["active"]
        )
        for row in await connection.fetch(statements(_SQL)["organizations_of_lea"], list(leas))
    ]  # fmt: skip


async def lock_leas(connection: Connection, leas: Collection[OrganizationId]) -> None:
    """Two sets of one LEA are taken in one after the other."""
    await connection.fetch(statements(_SQL)["lock_leas"], list(leas))
