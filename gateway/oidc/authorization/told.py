"""What a person's authorization may be told, worked out once for as long as nothing changed: its facts are its key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import orjson
from starlette.requests import HTTPConnection

from gateway.access_cache import access_of_standing, today_of
from gateway.oidc.authorization.entitlement import Entitlement, entitlement
from gateway.recent import Weighed
from gateway.state import gateway_of, kept_in
from policy.grant import ActiveRole
from policy.packs import Packs
from store.authorizations import Authorization
from store.database import Connection
from store.relying_parties import RelyingParty
from store.standing import Standing

_MOST: Final = 20_000
_MOST_BYTES: Final = 64 * 1024 * 1024
"""Of encoded claims: somebody with 400 posts has a quarter of a megabyte."""
_Key = tuple[Standing, str, ActiveRole | None, date]
_Requested = Sequence[Mapping[str, Any]] | None


@dataclass(slots=True)
class Told:
    """An entitlement and its claims as JSON, each encoded when it is first asked for."""

    entitled: Entitlement
    client: RelyingParty
    packs: Packs
    requested: _Requested
    parts: dict[str, orjson.Fragment] = field(default_factory=dict[str, orjson.Fragment])
    size: int = 0

    def claim(self, name: str, make: Callable[[], Any]) -> orjson.Fragment:
        """The claim's value as JSON that is written as it is; `make` gives it at the first time."""
        part = self.parts.get(name)
        if part is None:
            text = orjson.dumps(make())
            self.size += len(text)
            part = self.parts[name] = orjson.Fragment(text)
        return part


class ToldMemory:
    """Least recently asked goes first, and as soon as together they are too large.

    Nothing needs to be told of a change: another standing, day or role is another key, and an entry counts only for the
    registration, packs and narrowing that it was made with.
    """

    def __init__(self, most: int = _MOST, most_bytes: int = _MOST_BYTES) -> None:
        self._kept = Weighed[_Key, Told](most, most_bytes, lambda _, told: told.size)

    def find(self, key: _Key, packs: Packs, client: RelyingParty, requested: _Requested) -> Told | None:
        """The entry of these facts, where it was made with the same packs, registration and narrowing."""
        kept = self._kept.get(key)
        if kept is None or kept.packs is not packs or kept.client != client or kept.requested != requested:
            return None
        self._kept.weigh(key)  # it has grown by what was asked of it since
        return kept

    def keep(self, key: _Key, told: Told) -> None:
        self._kept.put(key, told)


def known_told(request: HTTPConnection, client: RelyingParty, root: Authorization, standing: Standing) -> Told | None:
    """The same from memory, without any connection; None: it must be worked out."""
    packs = gateway_of(request).packs.known(standing.epoch)
    if packs is None:
        return None
    return _memory(request).find(_key(request, client, root, standing), packs, client, root.requested_details)


async def told_of(
    request: HTTPConnection, connection: Connection, client: RelyingParty, root: Authorization, standing: Standing
) -> Told | None:
    """What the authorization may be told now; None: the person has nothing in the client's systems any more."""
    gateway = gateway_of(request)
    packs = await gateway.packs.at(connection, standing.epoch)
    memory, key = _memory(request), _key(request, client, root, standing)
    known = memory.find(key, packs, client, root.requested_details)
    if known is not None:
        return known
    entitled = entitlement(
        await access_of_standing(request, connection, standing),
        client,
        root.active,
        issuer=gateway.settings.issuer,
        version=standing.version,
        requested=root.requested_details,
    )
    if entitled is None:
        return None
    told = Told(entitled, client, packs, root.requested_details)
    memory.keep(key, told)
    return told


def _memory(request: HTTPConnection) -> ToldMemory:
    return kept_in(request.app, "told_memory", ToldMemory)


def _key(request: HTTPConnection, client: RelyingParty, root: Authorization, standing: Standing) -> _Key:
    gateway = gateway_of(request)
    return standing, client.client_id, root.active, today_of(gateway.settings, gateway.now())
