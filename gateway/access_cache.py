"""What each person may do, computed once per access version and day and kept in a bounded memory of the process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from starlette.requests import HTTPConnection

from gateway.packs_in_force import InForce
from gateway.recent import Recent
from gateway.settings import Settings
from gateway.state import Gateway, gateway_of, kept_in
from policy.facts import UserStatus
from policy.grant import Access, narrowed_to_place
from policy.grants import access_of, groups_at
from policy.ids import AssignmentId, GroupId, OrganizationId, UserId
from policy.packs import Packs
from policy.second_step import in_session, lacks_level
from policy.session_limits import inside_lea
from store.database import Connection
from store.people import load_person
from store.standing import Standing

_MOST_PERSONS: Final = 20_000
_Key = tuple[UserId, UserStatus, int, int, date, bool]


@dataclass(frozen=True, slots=True)
class Held:
    """A person's access in all her roles, and what is her own by holding them.

    `organizations`: where she holds or held a role. `groups`: the student groups that are hers by each assignment that
    counts today.
    """

    access: Access
    organizations: frozenset[OrganizationId] = frozenset()
    groups: Mapping[AssignmentId, frozenset[GroupId]] = field(default_factory=dict[AssignmentId, frozenset[GroupId]])


@dataclass(frozen=True, slots=True)
class _Kept:
    held: Held
    packs: Packs
    """The registry that it was computed with; another one makes it worthless."""


class AccessCache:
    """Least recently asked goes first. Nothing needs to be told of a change: a new version is a new key."""

    def __init__(self, most: int = _MOST_PERSONS) -> None:
        self._kept = Recent[_Key, _Kept](most)

    async def held(
        self, connection: Connection, standing: Standing, in_force: InForce, today: date, *, required: bool = True
    ) -> Held:
        """What she holds at the standing that this request has read. `today` is the date in the state's time zone.

        `required`: whether roles are held to the second step that their pack asks for.
        """
        missing = lacks_level(standing.acr, required=required)
        key = (standing.user, standing.status, standing.access_version, standing.epoch, today, missing)
        kept = self._kept.get(key)
        if kept is not None and kept.packs is in_force.packs:
            return kept.held
        held = await _loaded(connection, standing, in_force, today, missing=missing)
        self._kept.put(key, _Kept(held, in_force.packs))
        return held


async def access_of_standing(request: HTTPConnection, connection: Connection, standing: Standing) -> Access:
    """The person's access now, from memory when her facts at this version are known."""
    return (await held_by(request, connection, standing)).access


async def held_by(request: HTTPConnection, connection: Connection, standing: Standing) -> Held:
    """What the person holds now, from memory when her facts at this version are known."""
    cache = kept_in(request.app, "access_cache", AccessCache)
    return await held_in(gateway_of(request), cache, connection, standing)


async def held_in(gateway: Gateway, cache: AccessCache, connection: Connection, standing: Standing) -> Held:
    """The same for work without a request, which has a memory of its own."""
    in_force = await gateway.packs.in_force(connection, standing.epoch)
    today, required = today_of(gateway.settings, gateway.now()), gateway.settings.second_step_required
    held = await cache.held(connection, standing, in_force, today, required=required)
    if standing.lea is not None:
        held = _cut(held, inside_lea(held.access, standing.lea))
    return held if standing.place is None else _cut(held, narrowed_to_place(held.access, standing.place))


def today_of(settings: Settings, now: datetime) -> date:
    """The date in the state's time zone."""
    return now.astimezone(settings.time_zone).date()


def _cut(held: Held, access: Access) -> Held:
    """What is left of it where a session or an authorization is limited to this access."""
    places = (
        *(one.organization for one in access.effective),
        *(one.assignment.organization for one in access.withheld),
    )
    counting = {one.id for one in access.effective}
    groups = {assignment: mine for assignment, mine in held.groups.items() if assignment in counting}
    return Held(access, frozenset(one.id for one in places), groups)


async def _loaded(connection: Connection, standing: Standing, in_force: InForce, today: date, *, missing: bool) -> Held:
    loaded = await load_person(connection, standing.user)
    if loaded is None:
        return Held(Access(standing.user, standing.status))
    access = access_of(in_session(loaded.person, missing=missing), in_force.packs, in_force.years, today)
    groups = {one.id: mine for one in access.effective if (mine := groups_at(one, loaded.person))}
    return Held(access, loaded.organizations, groups)
