"""Every row and field of an answer is what `policy.access.holds` says of facts that were read by plain SQL."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx2
import orjson
import pytest
from graphql.execution.values import get_variable_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from gateway.graphql.reads.selecting import Selecting
from gateway.graphql.service import service_of
from gateway.state import Gateway
from policy.access import AnyOf
from store.compile_rows import read_position
from store.database import Pool
from store.pages import count_of
from store.row_rules import RowRules
from store.tables import Rows, Table
from tests.graphql.both import Both, Told, ask_both, request_of
from tests.graphql.judge import Judge
from tests.graphql.judged_state import Eyes, Facts, read_facts
from tests.graphql.scene import LONG, Scene, scene_of
from tests.oidc.world import NOW

_TRIED = settings(
    max_examples=80, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_DENIED = "UNAUTHORIZED_FIELD_OR_TYPE"


@dataclass(slots=True)
class Court:
    scene: Scene
    facts: Facts = field(repr=False)
    judged: int = 0

    async def faults(self, rng: random.Random) -> list[str]:
        """What the compiled answers to one document show wrongly, for some callers."""
        written = self.scene.written(rng)
        found: list[str] = []
        for name in self.scene.some(rng):
            both = await ask_both(self.scene.app, self.scene.callers[name], written.text, written.variables)
            if both.compiled is not None:
                faults = self._of(both, both.compiled)
                found += [f"{name}: {fault}\n{written.text}\n{written.variables}" for fault in faults]
        return found

    def _of(self, both: Both, told: Told) -> list[str]:
        schema = service_of(request_of(self.scene.app, {})).schema
        definitions = both.run.operation.variable_definitions or ()
        values = get_variable_values(schema.graphql, definitions, dict(both.run.variables))
        assert not isinstance(values, list)
        selecting = Selecting(schema.graphql, both.run.document, both.run.operation, values)
        judge = Judge(schema, selecting, Eyes(self.facts, both.caller))
        judge.answer(orjson.loads(told.data))
        self.judged += judge.judged
        refused = {tuple(one["path"]) for one in told.errors if one["extensions"]["code"] == _DENIED}
        if not judge.wrong and (refused != judge.denied or len(told.errors) != len(refused)):
            return [f"denied {sorted(map(str, refused ^ judge.denied))}"]
        return judge.wrong


@pytest.fixture
async def court(app: Starlette, gateway: Gateway, http: httpx2.AsyncClient, pool: Pool) -> Court:
    scene = await scene_of(app, gateway, http, pool)
    async with pool.acquire() as connection:
        return Court(scene, await read_facts(connection, gateway.packs.current, NOW.date()))


@pytest.fixture
async def watched(court: Court) -> AsyncIterator[Court]:
    """Says at its end when there was nearly nothing to judge."""
    yield court
    assert court.judged > 3_000


@_TRIED
@given(seed=st.integers(0, 2**48))
async def test_each_row_and_field_is_what_the_rules_say(watched: Court, seed: int) -> None:
    assert await watched.faults(random.Random(seed)) == []


@pytest.mark.timeout(LONG.seconds + 120)
@pytest.mark.checklist("55 reading")
async def test_each_row_and_field_of_seeded_documents_is_what_the_rules_say(court: Court) -> None:
    for seed in LONG.seeds():
        assert await court.faults(random.Random(seed)) == [], f"HALLPASS_SEED={seed}"


def _anything(_self: RowRules, _rows: Rows, _alias: str, _any_of: AnyOf) -> str:
    return "true"


def _from_the_start(table: Table, _after: str | None) -> tuple[object, ...]:
    return read_position(table, None)


def _one_more(found: int) -> int | None:
    return count_of(found + 1).exact


async def _finds_a_fault(court: Court) -> bool:
    for seed in range(300):
        if await court.faults(random.Random(seed)):
            return True
    return False


async def test_a_rule_that_is_not_applied_is_found(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RowRules, "condition", _anything)
    assert await _finds_a_fault(court)


async def test_a_page_that_begins_too_early_is_found(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.compile_rows.read_position", _from_the_start)
    assert await _finds_a_fault(court)


async def test_a_count_that_is_one_too_high_is_found(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graphql.reads.connections.exact", _one_more)
    assert await _finds_a_fault(court)
