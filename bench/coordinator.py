"""Who asks for the list of users: the coordinator of the LEA with the most roles, who has signed in."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from bench.client import DIRECTORY_CLIENT_ID
from bench.errors import BenchError
from bench.given import gives_condition
from bench.sight import Sight
from gateway.cookies import Cookie
from gateway.signin.assurance import ONE_TIME, PASSWORD, acr_of, with_factor
from gateway.signin.sessions import ABSOLUTE_LIMIT, token_hash
from policy.access import RowFilter, row_filter
from policy.caller import PersonCaller
from policy.grant import ActiveRole, under
from policy.grants import access_of
from policy.ids import ProgramCode, SchoolYear, UserId
from policy.packs import Packs
from policy.reach import Range
from schema.directives import any_of
from schema.rules import LIST_USERS
from store.compile import Sought
from store.compile_rows import Asked
from store.database import Connection, open_connection
from store.mapped_rows import count_rows
from store.own_systems import OwnSystems, own_systems
from store.packs import load_packs
from store.people import LoadedPerson, load_people, load_years
from store.relying_parties import find_relying_party
from store.sessions import NewSession, insert_session
from store.user_search import UserFilter

_STATE = ZoneInfo("America/Los_Angeles")
"""The time zone by whose date grants count, as the gateway's default is."""
_AT_LARGEST_LEA = """
with largest as (
    select lea_id from role_assignments where status = 'active' and lea_id is not null
    group by lea_id order by count(*) desc, lea_id limit 1)
select distinct user_id from role_assignments
where organization_id = (select lea_id from largest) and status = 'active'
order by user_id
"""
_OWN_YEARS = "select distinct program, school_year from role_assignments where user_id = $1"


@dataclass(frozen=True, slots=True)
class Coordinator:
    cookie: str
    """The value of the Cookie header."""
    sight: Sight
    """In her session."""
    told: Sight
    """What the relying party is told of that through her token: those who have access to its system."""
    active: ActiveRole
    users: int
    """How many she sees."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    user: UserId
    role: ActiveRole
    range: Range
    users: int


async def signed_in_coordinator(url: str) -> Coordinator:
    """Someone who sees one LEA's users, and only these, under one active role. Raises BenchError when nobody does."""
    connection = await open_connection(url)
    try:
        packs = await load_packs(connection)
        people = [row["user_id"] for row in await connection.fetch(_AT_LARGEST_LEA)]
        loaded = await load_people(connection, people)
        candidates = [one for person in loaded.values() for one in await _candidates(connection, person, packs)]
        if not candidates:
            raise BenchError("Nobody in the demo state sees the users of one LEA alone.")
        chosen = max(candidates, key=lambda one: (one.users, one.user))
        own = [(row["program"], row["school_year"]) for row in await connection.fetch(_OWN_YEARS, chosen.user)]
        sight = _sight(chosen, own, packs)
        told = replace(sight, gives=gives_condition(await _own_systems(connection, packs)))
        return Coordinator(
            await session_of(connection, chosen.user, chosen.role), sight, told, chosen.role, chosen.users
        )
    finally:
        await connection.close()


async def _candidates(connection: Connection, loaded: LoadedPerson, packs: Packs) -> list[_Candidate]:
    """The roles under which the person sees exactly one whole LEA in one program and year."""
    user = loaded.person.id
    access = access_of(loaded.person, packs, await load_years(connection), datetime.now(UTC).date())
    found: list[_Candidate] = []
    for role in access.roles():
        caller = PersonCaller(user, under(access, role), role, loaded.version, systems=None, may_write=True)
        rows = row_filter(caller, any_of(LIST_USERS))
        if len(rows.visible.ranges) == 1 and _is_whole_lea(rows):
            count = await count_rows(connection, Asked(caller, None), any_of(LIST_USERS), Sought(UserFilter()))
            found.append(_Candidate(user, role, rows.visible.ranges[0], count.at_least))
    return found


async def _own_systems(connection: Connection, packs: Packs) -> OwnSystems:
    """Those of the relying party that she gave a token."""
    client = await find_relying_party(connection, DIRECTORY_CLIENT_ID)
    if client is None:
        raise BenchError("The relying party of the bench is not registered.")
    return own_systems(frozenset(client.systems), packs, await load_years(connection), datetime.now(_STATE).date())


def _is_whole_lea(rows: RowFilter) -> bool:
    (one,) = rows.visible.ranges
    narrowed = one.schools_only or one.roles or one.through_year
    return one.lea is not None and one.program is not None and one.school_year is not None and not narrowed


def _sight(chosen: _Candidate, own: Iterable[tuple[str, str]], packs: Packs) -> Sight:
    """`own`: programs and years in which she herself has roles, past ones too."""
    seen = {(str(chosen.range.program), str(chosen.range.school_year)), *own}
    return Sight(
        str(chosen.range.lea),
        str(chosen.range.program),
        str(chosen.range.school_year),
        str(chosen.user),
        dict(_labels(packs, seen)),
    )


def _labels(packs: Packs, seen: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for program, school_year in seen:
        pack = packs.at(ProgramCode(program), SchoolYear(school_year) if school_year else None)
        for role in pack.roles.values() if pack else ():
            yield f"{program}/{school_year}/{role.slug}", role.label


async def session_of(connection: Connection, user: UserId, role: ActiveRole) -> str:
    """The value of the Cookie header of a new session."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    amr = with_factor((PASSWORD,), ONE_TIME)
    new = NewSession(
        id=uuid4(),
        token_hash=token_hash(token),
        user=user,
        auth_time=now,
        acr=acr_of(amr),
        amr=amr,
        active=role,
        expires_at=now + ABSOLUTE_LIMIT,
        user_agent=None,
    )
    await insert_session(connection, new)
    return f"{Cookie.SESSION}={token}"
