"""Both executors answer alike: documents drawn from the schema, for callers of every kind in a varied state.

HALLPASS_DIFFERENTIAL=600 compares for that many seconds, and HALLPASS_SEED says from which seed on.
"""

import random
from collections.abc import AsyncIterator

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from gateway.state import Gateway
from policy.access import AnyOf
from store.database import Pool
from store.pages import count_of
from store.row_rules import RowRules
from store.tables import Rows
from tests.graphql.documents import Written
from tests.graphql.scene import LONG, Scene, scene_of

_TRIED = settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_FOLLOWED = """query ($first: Int, $after: String) { users(first: $first, after: $after) {
    pageInfo { hasNextPage hasPreviousPage endCursor } totalCount
    edges { cursor node { lastName assignments(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } } } } }"""


@pytest.fixture
async def scene(app: Starlette, gateway: Gateway, http: httpx2.AsyncClient, pool: Pool) -> Scene:
    return await scene_of(app, gateway, http, pool)


@pytest.fixture
async def watched(scene: Scene) -> AsyncIterator[Scene]:
    """Says at its end when the compiled way has fallen silent, or answers have become trivial."""
    yield scene
    assert scene.met["compared"] > scene.met["asked"] * 0.6, scene.met  # one's own lists are read the stock way
    assert scene.met["with rows"] > scene.met["compared"] * 0.3, scene.met
    assert scene.met["with errors"] > scene.met["compared"] * 0.1, scene.met


@_TRIED
@given(seed=st.integers(0, 2**48))
async def test_drawn_documents_are_answered_alike(watched: Scene, seed: int) -> None:
    """A document needs too many choices to be drawn one by one: its seed is drawn."""
    assert await watched.differences(random.Random(seed)) == []


@pytest.mark.timeout(LONG.seconds + 120)
async def test_seeded_documents_are_answered_alike(scene: Scene) -> None:
    """Few of them; with HALLPASS_DIFFERENTIAL for as long as it says."""
    for seed in LONG.seeds():
        assert await scene.differences(random.Random(seed)) == [], f"HALLPASS_SEED={seed}"


@pytest.mark.parametrize("first", [1, 7])
async def test_pages_that_are_followed_to_their_end_are_answered_alike(scene: Scene, first: int) -> None:
    for name in ("primary", "help-desk", "many-sites", "two-leas", "system CERS", "primary through CERS"):
        after, seen, total = None, 0, -1
        for _ in range(200):
            written = Written(_FOLLOWED, {"first": first, "after": after})
            assert await scene.difference(name, written) is None
            page = await scene.page_of(name, written)
            seen += len(page["edges"])
            after, total = page["pageInfo"]["endCursor"], page["totalCount"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert seen == total > 0, name


async def _finds_a_difference(scene: Scene) -> bool:
    for seed in range(400):
        if await scene.differences(random.Random(seed)):
            return True
    return False


def _anything(_self: RowRules, _rows: Rows, _alias: str, _any_of: AnyOf) -> str:
    return "true"


def _one_more(found: int) -> int | None:
    return count_of(found + 1).exact


async def test_a_rule_that_is_not_applied_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RowRules, "condition", _anything)
    assert await _finds_a_difference(scene)


async def test_a_count_that_is_one_too_high_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graphql.reads.connections.exact", _one_more)
    assert await _finds_a_difference(scene)
