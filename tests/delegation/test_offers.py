"""What a form offers is what the mutation carries out: each role tried, for many givers, places and receivers."""

import uuid
from itertools import product
from typing import Any

import pytest

from policy.ids import OrganizationId, UserId
from store.access_version import raise_versions
from store.database import Connection
from tests.graphql.changes import assign, create, role
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, LEA, NEXT_YEAR, PARK, YEAR, Caller, give, person, user_id

_OFFERED = """query ($organization: ID!, $year: String!, $user: ID) {
    assignableRoles(organization: $organization, program: "caaspp", schoolYear: $year, user: $user) { code } }"""
_ROLES = '{ program(code: "caaspp") { roles { code } } }'
GIVERS: dict[str, tuple[str | None, ...]] = {
    "superintendent": (None, "additional"),
    "primary": (None, "site", "elpac-lead"),
    "additional": (None, "teacher", "educator"),
    "site": (None, "teacher", "unsigned"),
    "far-lead": (None, "far-teacher"),
}
"""Who gives, and to whom; None: an account that doesn't exist yet."""


async def _offered(asking: Caller, where: OrganizationId, year: str, user: str | None) -> list[str] | None:
    answer = await asking.ask(_OFFERED, organization=str(where), year=year, user=user and str(user_id(user)))
    data: dict[str, Any] | None = answer["data"]
    found: list[dict[str, Any]] | None = data["assignableRoles"] if data else None
    return None if found is None else [one["code"] for one in found]


async def _accepted(asking: Caller, connection: Connection, name: str | None, asked: dict[str, Any]) -> bool:
    """Whether createUser or assignRole gives it; what it gave is taken back."""
    if name is None:
        made = await create(asking, email=f"{uuid.uuid4()}@valley.example", roles=[asked])
        given = UserId(uuid.UUID(made["user"]["id"])) if made["user"] else None
    else:
        made = await assign(asking, name, **asked)
        given = user_id(name) if made["assignment"] else None
    if given is None:
        return False
    async with connection.transaction():
        await connection.execute("delete from role_assignments where user_id = $1 and assigned_by is not null", given)
        await raise_versions(connection, [given])
    return True


async def _fill(connection: Connection) -> None:
    """The LEA has as many coordinators as it may have: the primary one and three beside."""
    for name in ("third", "fourth"):
        await person(connection, name)
        await give(connection, name, "lea-coordinator", LEA)


@pytest.mark.rule("S1-07", "S1-13", "delegation-1")
@pytest.mark.parametrize(
    ("giver", "full"), [*((giver, False) for giver in GIVERS), ("superintendent", True), ("primary", True)]
)
async def test_a_form_offers_exactly_what_the_mutation_accepts(
    as_person: AsCaller, connection: Connection, giver: str, full: bool
) -> None:
    if full:
        await _fill(connection)
    asking = await as_person(giver)
    roles = [one["code"] for one in (await asking.data(_ROLES))["program"]["roles"]]
    compared = 0
    for (where, year), name in product(((LEA, YEAR), (PARK, YEAR), (BEACH, YEAR), (LEA, NEXT_YEAR)), GIVERS[giver]):
        offered = await _offered(asking, where, year, name)
        if offered is None:  # out of sight, for the mutation as well
            continue
        accepted = [slug for slug in roles if await _accepted(asking, connection, name, role(slug, where, year=year))]
        assert sorted(accepted) == sorted(offered), (giver, name, where, year)
        compared += 1
    assert compared >= len(GIVERS[giver])


@pytest.mark.rule("S1-13")
async def test_a_full_lea_is_offered_no_coordinator(as_person: AsCaller, connection: Connection) -> None:
    superintendent = await as_person("superintendent")
    assert await _offered(superintendent, LEA, YEAR, None) == ["lea-coordinator"]
    await _fill(connection)
    assert await _offered(superintendent, LEA, YEAR, None) == []
    assert await _offered(superintendent, LEA, NEXT_YEAR, None) == ["lea-coordinator"], "another year's seats are free"
