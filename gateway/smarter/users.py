"""GET `/rest/user`: who holds a role of one's own system at an entity, as THSS asks it to list scorers.

Names and ids only: of scorers a system sees no address and no telephone number. `username` is the id as well, because
THSS takes people with the same user name and address for the same person.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.access_cache import today_of
from gateway.smarter.answering import answered, asked, bad_input, json_answer
from gateway.smarter.system_caller import SystemAsking, system_asking
from gateway.smarter.tenancy import Surroundings, surroundings
from gateway.state import gateway_of
from policy.grants import access_of
from policy.scopes import DIRECTORY_READ
from policy.smarter.emission import Audience, HeldRole, held_roles
from policy.smarter.levels import LEVEL_OF, Tier, tier_named
from policy.stand_ins import standing_in
from store.database import Connection
from store.own_systems import own_systems
from store.people import load_people
from store.smarter_mapping import shipped_mapping
from store.smarter_people import Colleague, RoleAt, people_at

PATH: Final = "/rest/user"
_KNOWN: Final = frozenset({"currentPage", "pageSize", "role", "associatedEntityId", "level", "state", "ClientID"})
_USUAL_SIZE: Final = 100
_LARGEST_SIZE: Final = 10_000
"""What THSS asks for; the people of one entity are fewer."""
_DEEPEST: Final = 100_000
_AT_ONCE: Final = 50
"""People who are judged before other requests have their turn."""


@dataclass(frozen=True, slots=True)
class Search:
    """The parameters, read. `page` counts from 0; `role` and `tier` None: any."""

    entity: str
    page: int
    size: int
    role: str | None
    tier: Tier | None
    state: str
    client: str


@answered
async def users(request: Request) -> Response:
    """One page of people, in the order of their names."""
    search = _search(request)
    async with gateway_of(request).pool.acquire() as connection:
        asking = await system_asking(request, connection, DIRECTORY_READ)
        around = await surroundings(request, connection, asking.epoch)
        if not _is_here(search, around):
            return json_answer(_page(search, [], 0))
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found, total = await _found(request, connection, asking, search)
    results = [_result(person, roles, around) for person, roles in found]
    return json_answer(_page(search, results, total))


async def _found(
    request: Request, connection: Connection, asking: SystemAsking, search: Search
) -> tuple[list[tuple[Colleague, list[HeldRole]]], int]:
    """The page's people with their roles at the entity, judged as for their tokens: two statements for all of them."""
    gateway, in_force = gateway_of(request), asking.in_force
    today = today_of(gateway.settings, gateway.now())
    systems = frozenset(asking.client.systems)
    own = own_systems(systems, in_force.packs, in_force.years, today)
    roles = tuple(dict.fromkeys(_roles(search, asking)))
    if not roles:
        return [], 0
    people, total = await people_at(connection, roles, search.entity, own, search.page * search.size, search.size)
    loaded = await load_people(connection, [one.user for one in people])
    found: list[tuple[Colleague, list[HeldRole]]] = []
    for number, one in enumerate(people, start=1):
        if one.user in loaded:
            access = access_of(loaded[one.user].person, in_force.packs, in_force.years, today)
            held = held_roles(access, shipped_mapping(), Audience(systems, {}))
            here = [each for each in held if _is_asked(each, search)]
            if here:
                found.append((one, here))
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return found, total


def _roles(search: Search, asking: SystemAsking) -> Iterator[RoleAt]:
    """The roles of programs that become the role in question, those who stand in for them included (S1-09)."""
    mapping, in_force = shipped_mapping(), asking.in_force
    components = [one.code for one in mapping.components_of(asking.client.systems)]
    for row in mapping.rows:
        emitted = [role.name for code in components if code in row.components for role in row.components[code].roles]
        wanted = bool(emitted) if search.role is None else search.role in emitted
        if wanted and search.tier in (None, row.tier):
            level = LEVEL_OF[row.tier]
            yield RoleAt(row.program, row.role, level)
            pack = in_force.packs.at(row.program, in_force.years.current.get(row.program))
            for other in standing_in(pack, row.role) if pack else ():
                yield RoleAt(row.program, other.slug, level)


def _is_asked(one: HeldRole, search: Search) -> bool:
    return (
        one.organization.code == search.entity and search.role in (None, one.role) and search.tier in (None, one.tier)
    )


def _is_here(search: Search, around: Surroundings) -> bool:
    """Whether the client and state in question are this one's; components name the state by id or by name."""
    client, state = around.tenancy.client, around.tenancy.state
    return search.client in ("", client.id) and search.state.casefold() in (
        "",
        state.id.casefold(),
        state.name.casefold(),
    )


def _search(request: Request) -> Search:
    given = asked(request, _KNOWN)
    entity = given.get("associatedEntityId")
    if entity is None:
        raise bad_input("associatedEntityId is missing: people are listed for one entity at a time.")
    tier = tier_named(given["level"]) if "level" in given else None
    if "level" in given and tier is None:
        raise bad_input(f"level is none of {', '.join(one.entity for one in Tier)}.")
    size = _number(given.get("pageSize", str(_USUAL_SIZE)), "pageSize", 1, _LARGEST_SIZE)
    page = _number(given.get("currentPage", "0"), "currentPage", 0, _DEEPEST // size)
    return Search(entity, page, size, given.get("role"), tier, given.get("state", ""), given.get("ClientID", ""))


def _number(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise bad_input(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def _result(person: Colleague, roles: Sequence[HeldRole], around: Surroundings) -> dict[str, Any]:
    return {
        "id": str(person.user),
        "username": str(person.user),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "roleAssociations": [
            {
                "role": one.role,
                "level": one.tier.entity,
                "associatedEntityId": one.organization.code,
                "associatedEntityMongoId": str(one.organization.id),
                "stateAbbreviation": around.tenancy.state.id,
            }
            for one in roles
        ],
    }


def _page(search: Search, results: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """`totalCount`: of all pages; `returnCount`: of this one."""
    is_last = (search.page + 1) * search.size >= total
    return {
        "searchResults": results,
        "currentPage": search.page,
        "pageSize": search.size,
        "returnCount": len(results),
        "totalCount": total,
        "sortKey": "lastName",
        "sortDirection": "asc",
        "nextPageUrl": None if is_last else _address(search, search.page + 1),
        "prevPageUrl": _address(search, search.page - 1) if search.page else None,
    }


def _address(search: Search, page: int) -> str:
    parameters = {
        "currentPage": str(page), "pageSize": str(search.size), "role": search.role or "",
        "associatedEntityId": search.entity, "level": search.tier.entity if search.tier else "",
        "state": search.state, "ClientID": search.client,
    }  # fmt: skip
    return f"{PATH}?{urlencode({name: value for name, value in parameters.items() if value})}"
