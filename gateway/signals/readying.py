"""Makes ready what a stream has to tell: what happened, in order, for its receiver's people alone."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from gateway.state import Gateway
from policy.ids import System
from policy.packs import Packs
from policy.signals import giving_roles, kinds_of
from store.access_version import read_epoch
from store.connection import Connection
from store.signal_deliveries import Delivery, count_waiting, waiting
from store.signal_events import Concerned, expand, put_in_order
from store.signal_streams import Status, Stream, known_years, locked_stream

_ENOUGH: Final = 100
_MOST_PORTIONS: Final = 20
"""In one transaction; the rest is left to the next time."""


async def ready(gateway: Gateway, connection: Connection, stream: Stream, most: int) -> tuple[Delivery, ...]:
    """The first events that wait for the stream, in order; up to `most`, and one more if there are more."""
    running = stream.served and stream.status is Status.ENABLED
    if running:
        await put_in_order(connection)
        await _expand_enough(gateway, connection, stream, max(_ENOUGH, most + 1))
    return await waiting(connection, stream.id, most + 1, running=running)


async def _expand_enough(gateway: Gateway, connection: Connection, stream: Stream, enough: int) -> None:
    packs = await gateway.packs.at(connection, await read_epoch(connection))
    roles = _roles(packs, _hashable(await known_years(connection)), frozenset(stream.client.systems))
    async with connection.transaction():
        locked = await locked_stream(connection, stream.id)
        if locked is None or locked.status is not Status.ENABLED:
            return
        concerned = Concerned(stream.client.client_id, kinds_of(locked.configuration.events_requested), roles)
        made = await count_waiting(connection, stream.id, enough)
        for _ in range(_MOST_PORTIONS):
            if made >= enough:
                return
            told, expanded = await expand(connection, stream.id, concerned, gateway.now())
            made += told
            if not expanded:
                return


def _hashable(years: Mapping[str, Sequence[str]]) -> frozenset[tuple[str, tuple[str, ...]]]:
    return frozenset((program, tuple(sorted(of_program))) for program, of_program in years.items())


@lru_cache(maxsize=64)
def _roles(
    packs: Packs, years: frozenset[tuple[str, tuple[str, ...]]], systems: frozenset[System]
) -> tuple[tuple[str, str, str], ...]:
    return giving_roles(packs, dict(years), systems)
