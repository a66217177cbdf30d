"""Writes a whole demo state by COPY, inside the caller's transaction, and says what a database holds before it does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from policy.ids import ProgramCode, SchoolYear
from store.connection import Connection
from store.relying_parties import RelyingParty
from store.statements import statements

DEMO_TARGET = "demo"
"""`target_id` of the audit event that tells of a load; its `after` holds the number of users."""
_LOADING = 0x68_61_6C_6C_70_61_73
"""Advisory lock: two loads at once wait for each other."""


class OrganizationRow(NamedTuple):
    id: UUID
    level: str
    parent_id: UUID | None
    lea_id: UUID | None
    code: str
    name: str
    name_key: str
    funding: str | None


class CodeRow(NamedTuple):
    organization_id: UUID
    level: str
    code: str
    valid_from: date


class UserRow(NamedTuple):
    id: UUID
    email: str
    email_key: str
    first_name: str
    last_name: str
    name_key: str
    phone: str | None
    status: str
    password_hash: str | None
    created_at: datetime


class AssignmentRow(NamedTuple):
    id: UUID
    user_id: UUID
    program: str
    role: str
    school_year: str
    organization_id: UUID
    lea_id: UUID | None
    name_key: str
    status: str
    primary: bool
    origin: str
    assigned_by: UUID | None
    assigned_under: str | None
    assigned_at: datetime


class GroupRow(NamedTuple):
    id: UUID
    organization_id: UUID
    lea_id: UUID
    school_year: str
    name: str
    name_key: str
    subject: str
    student_count: int


class GroupUserRow(NamedTuple):
    group_id: UUID
    user_id: UUID
    assigned_at: datetime


class FormRow(NamedTuple):
    user_id: UUID
    program: str
    form: str
    school_year: str
    form_version: str
    signed_name: str
    signed_at: datetime


class CredentialRow(NamedTuple):
    id: UUID
    user_id: UUID
    lea_id: UUID
    number: str
    expires_on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DemoRows:
    """Rows of people to be written together; each assignment's giver is in these or in earlier ones."""

    users: list[UserRow] = field(default_factory=list[UserRow])
    assignments: list[AssignmentRow] = field(default_factory=list[AssignmentRow])
    groups: list[GroupRow] = field(default_factory=list[GroupRow])
    group_users: list[GroupUserRow] = field(default_factory=list[GroupUserRow])
    forms: list[FormRow] = field(default_factory=list[FormRow])
    credentials: list[CredentialRow] = field(default_factory=list[CredentialRow])


@dataclass(frozen=True, slots=True)
class Holding:
    """What a database holds before a load. `demo_users`: the size of the demo state in it, None without one."""

    demo_users: int | None
    people: bool
    organizations: bool


async def lock_loading(connection: Connection) -> None:
    """Wait until no other load runs; the lock ends with the transaction."""
    await connection.execute(statements("demo")["lock"], _LOADING)


async def holding(connection: Connection) -> Holding:
    row = await connection.fetchrow(statements("demo")["holding"], DEMO_TARGET)
    assert row is not None  # noqa: S101  (the statement always gives one row)
    return Holding(row["demo_users"], row["people"], row["organizations"])


async def copy_organizations(
    connection: Connection, organizations: Sequence[OrganizationRow], codes: Sequence[CodeRow]
) -> None:
    """Parents before children."""
    await _copy(connection, "organizations", OrganizationRow._fields, organizations)
    await _copy(connection, "organization_codes", CodeRow._fields, codes)


async def copy_people(connection: Connection, rows: DemoRows) -> None:
    await _copy(connection, "users", UserRow._fields, rows.users)
    await _copy(connection, "role_assignments", AssignmentRow._fields, rows.assignments)
    await _copy(connection, "student_groups", GroupRow._fields, rows.groups)
    await _copy(connection, "student_group_users", GroupUserRow._fields, rows.group_users)
    await _copy(connection, "signed_forms", FormRow._fields, rows.forms)
    await _copy(connection, "credentials", CredentialRow._fields, rows.credentials)


async def insert_closed_years(connection: Connection, programs: Collection[ProgramCode], year: SchoolYear) -> None:
    """The year before the current one, for each program."""
    await connection.execute(statements("demo")["insert_closed_years"], sorted(programs), year)


async def put_relying_party(connection: Connection, client: RelyingParty) -> None:
    """Register a demo client, or give it these addresses and secrets."""
    await connection.execute(
        statements("demo")["put_relying_party"],
        client.client_id, client.label, list(client.systems), client.auth_method, list(client.secret_hashes),
        list(client.redirect_uris), list(client.post_logout_redirect_uris), sorted(client.grant_types),
        sorted(client.scopes), client.role_mode, client.id_token_alg, client.first_party, client.launch_uri,
        client.active, client.jwks, client.dpop_bound, client.require_par, client.backchannel_logout_uri,
        client.changes_by, client.legacy,
    )  # fmt: skip


async def update_statistics(connection: Connection) -> None:
    """Let the planner know of the new rows at once; `connection` is the owner's, outside a transaction."""
    await connection.execute(statements("demo")["analyze"])


async def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=columns)
