"""What each person may do, computed once per access version and day and kept in a bounded memory of the process."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.requests import HTTPConnection

from gateway.settings import Settings
from gateway.state import gateway_of
from policy.facts import UserStatus
from policy.grant import Access
from policy.grants import access_of
from policy.ids import UserId
from policy.packs import Packs
from store.database import Connection
from store.people import load_person, load_years
from store.standing import Standing

_MOST_PERSONS: Final = 20_000
_Key = tuple[UserId, UserStatus, int, int, date]


@dataclass(frozen=True, slots=True)
class _Kept:
    access: Access
    packs: Packs
    """The registry that it was computed with; another one makes it worthless."""


class AccessCache:
    """Least recently asked goes first. Nothing needs to be told of a change: a new version is a new key."""

    def __init__(self, most: int = _MOST_PERSONS) -> None:
        self._most = most
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    async def access(self, connection: Connection, standing: Standing, packs: Packs, today: date) -> Access:
        """The access at the standing that this request has read. `today` is the date in the state's time zone."""
        key = (standing.user, standing.status, standing.access_version, standing.epoch, today)
        kept = self._kept.get(key)
        if kept is not None and kept.packs is packs:
            self._kept.move_to_end(key)
            return kept.access
        access = await _loaded(connection, standing, packs, today)
        self._kept[key] = _Kept(access, packs)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return access


async def access_of_standing(request: HTTPConnection, connection: Connection, standing: Standing) -> Access:
    """The person's access now, from memory when her facts at this version are known."""
    gateway, state = gateway_of(request), request.app.state
    if not hasattr(state, "access_cache"):
        state.access_cache = AccessCache()
    cache: AccessCache = state.access_cache
    packs = await gateway.packs.at(connection, standing.epoch)
    return await cache.access(connection, standing, packs, today_of(gateway.settings, gateway.now()))


def today_of(settings: Settings, now: datetime) -> date:
    """The date in the state's time zone."""
    return now.astimezone(settings.time_zone).date()


async def _loaded(connection: Connection, standing: Standing, packs: Packs, today: date) -> Access:
    loaded = await load_person(connection, standing.user)
    if loaded is None:
        return Access(standing.user, standing.status)
    return access_of(loaded.person, packs, await load_years(connection), today)
