"""Runs a document of a command by the schema's own rules: as a person, or as the operator of the host."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import (
    ExecutionResult,
    execute,  # pyright: ignore[reportUnknownVariableType] - the library leaves a parameter's type open
    parse,
    validate,
)

from gateway.access_cache import today_of
from gateway.account_terms import account_terms
from gateway.commands.context import CommandRefusedError
from gateway.state import Gateway
from gateway.student_keys import student_key
from policy.caller import PersonCaller
from policy.facts import Level, Organization, UserStatus
from policy.grant import Access, Grant
from policy.grants import access_of, groups_at
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, RoleSlug, UserId
from policy.pack import Reach
from resolvers.asking import Asking, Clock, Reads
from schema.build import build_schema
from store.database import Connection
from store.people import load_person, load_years
from store.users import user_by_email, user_by_id

OPERATOR = UserId(UUID(int=0))
"""Nobody's id: the operator of the host is no person of the state."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks by a command: a person by her own rules, or the operator with a reason."""

    caller: PersonCaller
    reason: str | None = None

    @property
    def person(self) -> UserId | None:
        return None if self.reason else self.caller.user


async def find_person(connection: Connection, typed: str) -> UserId | None:
    """The person with that address or id."""
    found = await user_by_email(connection, typed) if "@" in typed else None
    if "@" not in typed:
        try:
            found = await user_by_id(connection, UserId(UUID(typed)))
        except ValueError:
            return None
    return found.id if found else None


async def person_voice(gateway: Gateway, connection: Connection, typed: str) -> Voice:
    """The person with all roles that she holds. Raises CommandRefusedError where she couldn't sign in."""
    user = await find_person(connection, typed)
    loaded = await load_person(connection, user) if user else None
    if loaded is None or loaded.person.status is not UserStatus.ACTIVE:
        raise CommandRefusedError(f"There is no active account {typed}: name somebody who could sign in.")
    today = today_of(gateway.settings, gateway.now())
    access = access_of(loaded.person, gateway.packs.current, await load_years(connection), today)
    groups = (groups_at(one, loaded.person) for one in access.effective)
    return Voice(
        PersonCaller(
            loaded.person.id, access, None, loaded.version,
            own_organizations=loaded.organizations, own_groups=frozenset(group for mine in groups for group in mine),
        )
    )  # fmt: skip


def operator_voice(reason: str, permissions: tuple[Permission, ...]) -> Voice:
    """The operator, who sees by these permissions the whole state, as in the database itself."""
    state = Organization(OrganizationId(OPERATOR), Level.STATE, "", "the state", None)
    grants = tuple(
        Grant(
            ProgramCode(""), None, permission, Reach.STATE, state, AssignmentId(OPERATOR), RoleSlug("operator"), None,
            "operator", every_program=True,
        )
        for permission in permissions
    )  # fmt: skip
    return Voice(PersonCaller(OPERATOR, Access(OPERATOR, UserStatus.ACTIVE, grants), None, 0), reason)


@asynccontextmanager
async def _asking(gateway: Gateway, voice: Voice) -> AsyncGenerator[Asking]:
    reads = Reads(gateway.pool)
    now = gateway.now()
    try:
        reads.begin_snapshot()
        yield Asking(
            caller=voice.caller,
            packs=gateway.packs.current,
            years=await reads.run(load_years),
            clock=Clock(now, today_of(gateway.settings, now), gateway.settings.time_zone),
            reads=reads,
            new_id=gateway.new_id,
            student_key=lambda number: student_key(gateway.secret_key, number),
            personal_keys=gateway.personal_keys,
            accounts=account_terms(gateway),
        )
    finally:
        await reads.close()


async def ask(gateway: Gateway, voice: Voice, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a query, with null for what isn't for whoever speaks. Raises CommandRefusedError with sentences."""
    schema = build_schema(gateway.packs.current.vocabulary).graphql
    node = parse(document)
    wrong = validate(schema, node)
    if wrong:
        raise CommandRefusedError(*(error.message for error in wrong))
    async with _asking(gateway, voice) as asking:
        found = execute(schema, node, context_value=asking, variable_values=dict(variables))
        result = found if isinstance(found, ExecutionResult) else await found
    if result.data is None or any(len(error.path or ()) == 0 for error in result.errors or ()):
        raise CommandRefusedError(*(error.message for error in result.errors or ()))
    return result.data
