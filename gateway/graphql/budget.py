"""What each caller may still spend: a leaky bucket of points per caller in a bounded memory of the process."""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from gateway.recent import Recent
from gateway.settings import Settings
from policy.caller import Anonymous, Caller, PersonCaller, SystemCaller

MOST_BUCKETS: Final = 20_000


@dataclass(slots=True)
class _Bucket:
    points: float
    at: float


class Budget:
    """`capacity` points at once, `restore` points per second. `clock` counts seconds and never goes back.

    The least recently used bucket is dropped when there are too many; one that has rested for capacity ÷ restore
    seconds is full, so that nothing is lost with it.
    """

    def __init__(
        self, capacity: int, restore: int, clock: Callable[[], float], most_buckets: int = MOST_BUCKETS
    ) -> None:
        self.capacity = capacity
        self.restore = restore
        self._clock = clock
        self._buckets = Recent[Hashable, _Bucket](most_buckets)

    def take(self, key: Hashable, points: int) -> int:
        """Takes them, or leaves all as it was: then the seconds after which there are enough, else 0."""
        bucket = self._filled(key)
        if bucket.points >= points:
            bucket.points -= points
            return 0
        return max(1, math.ceil((points - bucket.points) / self.restore))

    def settle(self, key: Hashable, points: int) -> int:
        """Gives back what was taken and not used; a negative number takes what was used beyond it.

        What is available then.
        """
        bucket = self._filled(key)
        bucket.points = min(bucket.points + points, self.capacity)
        return max(0, int(bucket.points))

    def _filled(self, key: Hashable) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = _Bucket(self.capacity, now)
            self._buckets.put(key, bucket)
        else:
            bucket.points = min(bucket.points + (now - bucket.at) * self.restore, self.capacity)
            bucket.at = now
        return bucket


def budget_of(settings: Settings, clock: Callable[[], float]) -> Budget:
    """This process's share; large enough for the costliest operation."""
    share = max(settings.graphql_cost_capacity // settings.workers, settings.graphql_max_cost)
    return Budget(share, max(1, settings.graphql_cost_restore // settings.workers), clock)


def bucket_key(caller: Caller, address: str) -> Hashable:
    """Persons and systems each have one bucket; who is unknown shares that of her address."""
    match caller:
        case PersonCaller(user=user):
            return ("person", user)
        case SystemCaller(client_id=client):
            return ("system", client)
        case Anonymous():
            return ("address", _network(address))


def _network(address: str) -> str:
    """Of an IPv6 address its first 64 bits: one machine has all that follow."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return found.exploded[:19] if isinstance(found, IPv6Address) else str(found)
