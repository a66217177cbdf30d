"""Access reviews of many roles: begun in one statement, listed by as many statements as a few, closed in portions."""

import time
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from gateway.outbox.reviews import close_reviews, remind_of_reviews
from gateway.state import Gateway
from store.database import Connection
from tests.graphql.conftest import AsCaller
from tests.graphql.test_query_count import counted, grow
from tests.graphql.world import Caller
from tests.reviews.reviewing import DUE, ITEMS, REVIEWS, START, asked, do_work, told
from tests.years.conftest import AsAdministrator

pytestmark = pytest.mark.rule("S1-27")


async def sent_for(app: Starlette, asking: Caller, document: str, **variables: object) -> int:
    with counted(app) as sent:
        await asking.data(document, **variables)
    return len(sent)


async def test_ten_thousand_items_begin_in_one_statement(
    app: Starlette, gateway: Gateway, as_person: AsCaller, as_administrator: AsAdministrator, connection: Connection
) -> None:
    await grow(connection, 1, 5_000)
    lead = await as_person("primary")
    await lead.data(REVIEWS)
    begun = time.perf_counter()
    with counted(app) as sent:
        found = (await lead.data(START, input=asked()))["startAccessReview"]
    took = time.perf_counter() - begun
    assert found["review"]["progress"]["items"] == 10_009
    assert len([one for one in sent if "access_review_items" in one and "insert" in one]) == 1
    assert len(sent) < 30
    assert took < 5, "half a second on a quiet machine"
    review = found["review"]["id"]
    state = await as_administrator()
    for asking in (lead, state):
        for narrowed in ({}, {"mine": True}, {"answered": False}):
            begun = time.perf_counter()
            await asking.data(ITEMS, review=review, **narrowed)
            assert time.perf_counter() - begun < 5
    await do_work(gateway, connection, remind_of_reviews, DUE)
    assert "Primary" in await told(connection, "review-due")
    parts = await do_work(gateway, connection, close_reviews, DUE + timedelta(days=1))
    assert parts == 12
    assert await connection.fetchval("select count(*) from suspensions where why = 'review'") == 10_009


async def test_the_statements_of_lists_are_constant(
    app: Starlette, as_person: AsCaller, as_administrator: AsAdministrator, connection: Connection
) -> None:
    lead, state = await as_person("primary"), await as_administrator()
    counts = list[list[int]]()
    for first, last in ((1, 20), (21, 200)):
        await grow(connection, first, last)
        await connection.execute("update access_reviews set closed_at = now(), closing_at = now()")
        review = (await lead.data(START, input=asked()))["startAccessReview"]["review"]["id"]
        await state.data(ITEMS, review=review)
        listed = [await sent_for(app, asking, ITEMS, review=review) for asking in (lead, state)]
        counts.append([*listed, await sent_for(app, lead, REVIEWS)])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 9
