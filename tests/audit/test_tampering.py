"""Verification finds every single alteration of stored rows: tried by Hypothesis as the owner, each rolled back."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from policy.sealing import Fault, Finding, Head
from store.audit_batches import head
from store.connection import Connection
from store.database import OWNER_ROLE, open_connection
from tests.audit.sealing_world import add, findings, seal_all
from tests.databases import Databases

pytestmark = pytest.mark.rule("state")

EVENTS = 12
TEXTS = {
    "actor_client": "client", "acting_under": "red/boss", "operator_reason": "why", "action": "x", "outcome": "denied",
    "target_type": "thing", "target_id": "b2", "rule": "S1-07", "reason": "rank", "request_id": "r1",
}  # fmt: skip
ID = "00000000-0000-4000-8000-000000000001"
EVENT_CHANGES = [
    *(f"{column} = '{value}'" for column, value in TEXTS.items()),
    *(f"{column} = '{ID}'" for column in ("actor_id", "subject_id", "organization_id")),
    "at = at + interval '1 microsecond'",
    "before = '{}'",
    "after = null",
    "after = after || '{\"share\": 0.50}'",  # equal as a number, and yet another row
    f'personal = \'{{"{ID}": "eA=="}}\'',
    "xact = '1'",
]
BATCH_CHANGES = [
    "sealed_at = sealed_at + interval '1 microsecond'",
    "ids = ids - int8multirange(int8range(lower(ids), lower(ids) + 1)) + int8multirange(int8range(700, 701))",
    "ids = ids + int8multirange(int8range(500, 501))",
    "events = events + 1",
    "settled_id = settled_id + 1",
    "horizon = horizon + 1",
    "previous_hash = sha256('x')",
    "hash = sha256('x')",
    "seal = sha256('x')",
    "number = number + 1000",
]


@dataclass(frozen=True)
class Tampered:
    """A sealed trail and the owner's connection to it."""

    runner: asyncio.Runner
    connection: Connection
    noted: Head
    events: list[int]
    batches: list[int]

    def after(self, *statements: str, noted: bool = False) -> list[Finding]:
        return self.runner.run(self._after(statements, noted))

    async def _after(self, statements: tuple[str, ...], noted: bool) -> list[Finding]:
        begun = self.connection.transaction()
        await begun.__aenter__()
        try:
            for one in statements:
                assert not (await self.connection.execute(one)).endswith(" 0")
            return await findings(self.connection, self.noted if noted else None)
        finally:
            await begun.__aexit__(RuntimeError, RuntimeError(), None)


@pytest.fixture(scope="module")
def trail(server: Databases) -> Iterator[Tampered]:
    name = server.migrated()
    with asyncio.Runner() as runner:
        made = runner.run(_made(runner, server.owner_url(name)))
        yield made
        runner.run(made.connection.close())
    server.drop(name)


async def _made(runner: asyncio.Runner, url: str) -> Tampered:
    connection = await open_connection(url, OWNER_ROLE)
    for _ in range(EVENTS // 2):
        await add(connection, 2)
        begun = connection.transaction()
        await begun.__aenter__()
        await add(connection)
        await begun.__aexit__(RuntimeError, RuntimeError(), None)
    await seal_all(connection)
    await add(connection)
    await seal_all(connection)
    await connection.execute("alter table audit_events disable trigger user")
    await connection.execute("alter table audit_batches disable trigger user")
    noted = await head(connection)
    assert noted is not None
    events = [row["id"] for row in await connection.fetch("select id from audit_events order by id")]
    batches = [row["number"] for row in await connection.fetch("select number from audit_batches order by number")]
    return Tampered(runner, connection, noted, events, batches)


def test_what_nobody_touched_verifies(trail: Tampered) -> None:
    assert trail.after(noted=True) == []


@given(st.data())
@hypothesis_settings(max_examples=60, deadline=None)
def test_a_changed_event_is_found(trail: Tampered, data: st.DataObject) -> None:
    event, change = data.draw(st.sampled_from(trail.events)), data.draw(st.sampled_from(EVENT_CHANGES))
    (found,) = trail.after(f"update audit_events set {change} where id = {event}")
    assert found.fault is Fault.CHANGED_EVENT
    assert found.batch in trail.batches


@given(st.data())
@hypothesis_settings(max_examples=20, deadline=None)
def test_a_deleted_event_is_found_by_its_number(trail: Tampered, data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(trail.events))
    (found,) = trail.after(f"delete from audit_events where id = {event}")
    assert (found.fault, found.events) == (Fault.MISSING_EVENT, (event,))


@given(st.data())
@hypothesis_settings(max_examples=20, deadline=None)
def test_an_inserted_event_is_found_by_its_number(trail: Tampered, data: st.DataObject) -> None:
    free = data.draw(st.sampled_from([one for one in range(1, trail.events[-2]) if one not in trail.events]))
    (found,) = trail.after(
        "insert into audit_events (id, action, outcome, target_type, target_id) overriding system value "
        f"values ({free}, 'assignRole', 'allowed', 'user', 'x')"
    )
    assert (found.fault, found.events) == (Fault.UNSEALED_EVENT, (free,))


@given(st.data())
@hypothesis_settings(max_examples=20, deadline=None)
def test_reordered_events_are_found(trail: Tampered, data: st.DataObject) -> None:
    one, other = data.draw(st.lists(st.sampled_from(trail.events), min_size=2, max_size=2, unique=True))
    moves = ((one, 900), (other, one), (900, other))
    swap = [f"update audit_events set id = {to} where id = {old}" for old, to in moves]
    found = trail.after("alter table audit_events alter id drop identity", *swap)
    assert found
    assert {each.fault for each in found} == {Fault.CHANGED_EVENT}


@given(st.data())
@hypothesis_settings(max_examples=40, deadline=None)
def test_a_changed_batch_is_found(trail: Tampered, data: st.DataObject) -> None:
    batch, change = data.draw(st.sampled_from(trail.batches)), data.draw(st.sampled_from(BATCH_CHANGES))
    assert trail.after(f"update audit_batches set {change} where number = {batch}")


@given(st.data())
@hypothesis_settings(max_examples=20, deadline=None)
def test_a_missing_batch_is_found(trail: Tampered, data: st.DataObject) -> None:
    batch = data.draw(st.sampled_from(trail.batches[:-1]))
    found = trail.after(f"delete from audit_batches where number = {batch}")
    assert Fault.MISSING_BATCH in {one.fault for one in found}


@given(st.data())
@hypothesis_settings(max_examples=20, deadline=None)
def test_an_end_that_was_cut_off_is_found_by_the_noted_head(trail: Tampered, data: st.DataObject) -> None:
    batch = data.draw(st.sampled_from(trail.batches[1:]))
    cut = [
        f"delete from audit_events e using audit_batches b where b.number >= {batch} and e.id <@ b.ids",
        f"delete from audit_batches where number >= {batch}",
    ]
    assert Fault.ANOTHER_HEAD in {one.fault for one in trail.after(*cut, noted=True)}


def test_a_batch_that_was_sealed_anew_without_the_key_is_found(trail: Tampered) -> None:
    last = trail.batches[-1]
    statements = (f"update audit_batches set seal = sha256(hash) where number = {last}",)
    assert [one.fault for one in trail.after(*statements)] == [Fault.FORGED_SEAL]
