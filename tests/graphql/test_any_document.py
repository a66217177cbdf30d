"""Whatever document schemathesis makes of the committed schema: no status of 500, known codes, and nothing leaks."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from gateway.refusals import Kind
from gateway.state import Gateway
from tests.graphql.conftest import AsCaller
from tests.graphql.made_documents import FAR, documents
from tests.graphql.world import Caller
from tests.oidc.world import OTHER_LEA

pytestmark = pytest.mark.slow
SECRET_WORDS = re.compile(r"Bay Unified|Beach Elementary|Far-Lead|Far-Teacher|far-lead@|Traceback|asyncpg|/gateway/")
BROKEN_WORDS = re.compile(r"far-lead@|Traceback|asyncpg|/gateway/")
"""What nobody is told; a system that people of the other LEA use knows that LEA."""
CODES = {kind.value for kind in Kind} | {"UNAUTHORIZED_FIELD_OR_TYPE"}


async def _answer(caller: Caller, document: str, secret: re.Pattern[str] = SECRET_WORDS) -> Any:
    response = await caller.post(document)
    assert response.status_code in (200, 400), (response.status_code, document, response.text)
    answer = response.json()
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assert codes <= CODES - {Kind.INTERNAL.value, Kind.THROTTLED.value}, (document, answer)
    if response.status_code == 400:
        assert "data" not in answer or answer["data"] is None
    assert not secret.search(response.text), (document, response.text)
    answer.pop("extensions", None)
    return answer


async def test_what_cannot_be_seen_is_answered_as_what_nobody_has(
    as_person: AsCaller, as_token_bearer: Callable[[str], Awaitable[Caller]]
) -> None:
    """Each query about the other LEA, and the same about nothing, tells the same: data, errors and their order."""
    callers = [await as_person("site"), await as_token_bearer("site")]
    ran = compared = 0
    for number, document in enumerate(documents("Query", 10)):
        caller = callers[number % 2]
        there = await _answer(caller, document)
        ran += "data" in there
        nowhere = _replaced(document)
        if nowhere != document:
            compared += 1
            assert _replaced(_plain(there)) == _plain(await _answer(caller, nowhere)), document
    assert ran > 50
    assert compared > 20


async def test_whoever_sees_the_other_lea_is_told_more(as_person: AsCaller) -> None:
    """So that the comparison above isn't one of two empty answers."""
    caller = await as_person("far-lead")
    for document in documents("Query", 10):
        nowhere = _replaced(document)
        there, nothing = [await caller.post(one) for one in (document, nowhere)]
        if nowhere != document and _replaced(_plain(there.json())) != _plain(nothing.json()):
            return
    raise AssertionError("nothing differs")


async def test_nobody_and_a_system_are_told_nothing_either(signed_out: Caller, as_system: Caller) -> None:
    for document in documents("Query", 5):
        await _answer(signed_out, document)
        await _answer(as_system, document, BROKEN_WORDS)


async def test_mutations_of_every_shape(as_person: AsCaller, gateway: Gateway) -> None:
    """By somebody who may change things: what she can't see is changed by none of them."""
    caller = await as_person("site")
    async with gateway.pool.acquire() as connection:
        before = await connection.fetch(_FAR_ROWS, OTHER_LEA)
        for document in documents("Mutation", 12):
            if "signOutEverywhere" not in document:  # it would, and nothing after it would be asked
                await _answer(caller, document)
        assert await connection.fetch(_FAR_ROWS, OTHER_LEA) == before


_FAR_ROWS = "select id, status, user_id, role, organization_id from role_assignments where lea_id = $1 order by id"


def _plain(answer: Any) -> str:
    """Without what is made anew for each decision, and without places in the text: ids are of one length, words not."""
    if isinstance(answer, dict):
        members = cast(dict[str, Any], answer).items()
        return str({name: _plain(one) for name, one in members if name not in ("locations", "extensions")})
    if isinstance(answer, list):
        return str([_plain(one) for one in cast(list[Any], answer)])
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f-]{17}", "made", str(answer))


def _replaced(text: str) -> str:
    for far, nothing in FAR.items():
        text = text.replace(far, nothing)
    return text
