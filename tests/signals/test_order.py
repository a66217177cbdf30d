"""Of one person nothing is told before what happened earlier: whoever writes, however many push, whatever fails."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.oidc.keys.ring import KeyRing
from gateway.outgoing import Answer, OutgoingError
from gateway.signals.lanes import sections
from gateway.signals.pushing import Pusher
from gateway.signals.working import push_due
from gateway.state import Gateway
from policy.ids import UserId
from store.access_version import AccessVersion, raise_epoch, raise_versions
from store.database import Connection, Pool
from tests.oidc.world import LEA, Clock, person
from tests.signals.world import PUSH, Api, claims_unchecked, event_of, kind_of, person_of

PEOPLE = [uuid5(UUID(int=0), str(number)) for number in range(4)]


@dataclass(frozen=True, slots=True)
class Event:
    number: int
    user: UUID | None


@given(st.lists(st.sampled_from([None, *PEOPLE]), max_size=60))
def test_lanes_hold_every_event_once_and_keep_each_persons_order(users: list[UUID | None]) -> None:
    events = [Event(number, user) for number, user in enumerate(users)]
    found = sections(events)
    assert sorted(one.number for lanes in found for lane in lanes for one in lane) == list(range(len(users)))
    last: dict[UUID, int] = {}
    behind = -1
    for lanes in found:
        for lane in lanes:
            assert len({one.user for one in lane}) == 1
            assert [one.number for one in lane] == sorted(one.number for one in lane)
            assert lane[0].number > behind, "what concerns everybody stands between"
            if lane[0].user is not None:
                assert last.get(lane[0].user, -1) < lane[0].number
                last[lane[0].user] = lane[-1].number
        assert len({lane[0].user for lane in lanes}) == len(lanes), "a person has one lane"
        if any(lane[0].user is None for lane in lanes):
            assert len(lanes) == 1
            behind = lanes[0][0].number


@dataclass(slots=True)
class Unsteady:
    """A receiver that is slow and often away, and whose answers get lost."""

    chance: random.Random
    trouble: float
    taken: list[str] = field(default_factory=list[str])

    async def call(
        self, issuer: str, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None,
        most_bytes: int = 0,
    ) -> Answer:  # fmt: skip
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        if self.chance.random() < self.trouble:
            raise OutgoingError("It is away.")
        self.taken.append(body.decode())
        if self.chance.random() < self.trouble:
            raise OutgoingError("The answer was lost.")
        return Answer(202, {}, b"")


async def write(pool: Pool, users: list[UserId], chance: random.Random, versions: dict[int, UserId | None]) -> None:
    """Changes of access by somebody who holds her transaction open for a while."""
    for _ in range(12):
        whom = chance.sample(users, chance.randint(1, len(users)))
        async with pool.acquire() as connection, connection.transaction():
            if chance.random() < 0.1:
                versions[await raise_epoch(connection)] = None
                continue
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            number = await raise_versions(connection, whom)
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
        versions[number] = whom[0]


@pytest.mark.parametrize("seed", range(6))
async def test_pushed_by_several_processes_while_others_write(
    http: httpx2.AsyncClient, gateway: Gateway, pool: Pool, clock: Clock, connection: Connection, seed: int
) -> None:
    """Versions grow in the order of commits: each person's arrive in it, those of everybody in their place."""
    chance = random.Random(seed)
    users = [await person(connection, f"person{n}", ("lea-coordinator", LEA)) for n in range(4)]
    await Api(http).create(delivery={"method": PUSH, "endpoint_url": "https://8.8.8.8/events"})
    receiver = Unsteady(chance, 0.15)
    versions: dict[int, UserId | None] = {}

    async def push() -> None:
        pusher = Pusher(gateway, KeyRing(gateway.pool, gateway.secret_key), call=receiver.call, drawn=lambda: 0.5)
        for _ in range(60):
            await push_due(gateway, pusher)
            clock.forward(seconds=30)
            await asyncio.sleep(0)

    await asyncio.gather(*(write(pool, users, chance, versions) for _ in range(3)), *(push() for _ in range(3)))
    receiver.trouble = 0
    clock.forward(minutes=30)
    await push()
    assert told_in_order(receiver.taken) >= set(versions)


async def test_fetched_while_others_write(
    http: httpx2.AsyncClient, pool: Pool, connection: Connection, gateway: Gateway
) -> None:
    chance = random.Random(7)
    users = [await person(connection, f"person{n}", ("lea-coordinator", LEA)) for n in range(4)]
    api = Api(http)
    stream = await api.create()
    versions: dict[int, UserId | None] = {}
    taken: list[str] = []

    async def fetch() -> None:
        acknowledged: list[str] = []
        for _ in range(40):
            sets = (await api.poll(stream, ack=acknowledged, maxEvents=chance.randint(1, 9)))["sets"]
            taken.extend(sets.values())
            acknowledged = [jti for jti in sets if chance.random() < 0.7]

    await asyncio.gather(*(write(pool, users, chance, versions) for _ in range(3)), fetch())
    while sets := (await api.poll(stream, ack=[claims_unchecked(one)["jti"] for one in taken]))["sets"]:
        taken.extend(sets.values())
    assert told_in_order(taken) >= set(versions)


def told_in_order(tokens: list[str]) -> set[int]:
    """Asserts the order of what came for the first time; the versions that came."""
    seen: set[str] = set()
    last: dict[str | None, int] = defaultdict(int)
    found: set[int] = set()
    for token in tokens:
        claims: dict[str, Any] = claims_unchecked(token)
        if claims["jti"] in seen or kind_of(claims) != "token-claims-change":
            continue
        seen.add(claims["jti"])
        version = AccessVersion.of(event_of(claims)["claims"]["assessment"]["access_version"]).number
        whom = person_of(claims)
        earlier = max(last.values(), default=0) if whom is None else max(last[whom], last[None])
        assert version > earlier
        last[whom] = version
        found.add(version)
    return found
