"""Access reviews as tests start, list and answer them."""

import uuid
from datetime import date
from typing import Any

from gateway.outbox.daily import Day
from gateway.state import Gateway
from store.database import Connection
from tests.graphql.world import LEA, Caller

ERRORS = "userErrors { path code rule message remedy }"
PROGRESS = "items answered kept removed unanswered suspended gone changed"
START = f"""mutation ($input: StartAccessReviewInput!) {{ startAccessReview(input: $input) {{
    review {{ id program schoolYear dueOn overdue unanswered startedUnder closedAt organization {{ name }}
      startedBy {{ firstName }} progress {{ {PROGRESS} }} }} {ERRORS} }} }}"""
REVIEWS = f"""query ($program: String, $open: Boolean, $first: Int, $after: String) {{
  accessReviews(program: $program, open: $open, first: $first, after: $after) {{
    totalCount pageInfo {{ hasNextPage endCursor }}
    nodes {{ id program dueOn overdue closedAt organization {{ name }} progress {{ {PROGRESS} }} }} }} }}"""
ITEMS = """query ($review: ID!, $mine: Boolean, $answered: Boolean, $first: Int, $after: String) {
  reviewItems(review: $review, mine: $mine, answered: $answered, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id person firstName user { id } role { code } primary status gone changed answer reason mayAnswer
      answeredUnder answeredAt answeredBy { firstName } suspendedByReview organization { name } assignment { id }
      answeredByRoles { role { code } primary } } } }"""
BY_ORGANIZATION = f"""query ($review: ID!, $first: Int, $after: String) {{
  reviewProgress(review: $review, first: $first, after: $after) {{
    totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ organization {{ name }} {PROGRESS} }} }} }}"""
ANSWER = f"""mutation ($input: AnswerReviewItemInput!) {{ answerReviewItem(input: $input) {{
    items {{ id answer gone mayAnswer firstName }} {ERRORS} }} }}"""
DUE = date(2026, 12, 15)


def asked(**changes: Any) -> dict[str, Any]:
    usual = {
        "program": "caaspp", "organization": str(LEA), "dueOn": DUE.isoformat(), "unanswered": "SUSPEND",
        "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip
    return usual | changes


async def start(asking: Caller, **changes: Any) -> dict[str, Any]:
    return (await asking.data(START, input=asked(**changes)))["startAccessReview"]


async def started(asking: Caller, **changes: Any) -> str:
    found = await start(asking, **changes)
    assert found["userErrors"] == []
    return found["review"]["id"]


async def items(asking: Caller, review: str, **narrowed: Any) -> list[dict[str, Any]]:
    found = (await asking.data(ITEMS, review=review, **narrowed))["reviewItems"]
    assert found["totalCount"] == len(found["nodes"])
    return found["nodes"]


async def names(asking: Caller, review: str, **narrowed: Any) -> list[str]:
    return [one["firstName"] for one in await items(asking, review, **narrowed)]


async def item(asking: Caller, review: str, name: str) -> dict[str, Any]:
    return next(one for one in await items(asking, review) if one["firstName"] == name)


async def answer(asking: Caller, found: list[dict[str, Any]], reply: str = "KEEP", reason: str | None = None) -> Any:
    given = {"items": [one["id"] for one in found], "answer": reply, "reason": reason}
    return (await asking.data(ANSWER, input=given))["answerReviewItem"]


async def progress(asking: Caller) -> dict[str, int]:
    (found,) = (await asking.data(REVIEWS))["accessReviews"]["nodes"]
    return {key: value for key, value in found["progress"].items() if value}


async def do_work(gateway: Gateway, connection: Connection, job: Any, day: date) -> int:
    """All of a day's parts, each in a transaction of its own; how many there were."""
    position, parts = None, 0
    while True:
        async with connection.transaction():
            position = await job(Day(gateway, day, position), connection)
        parts += 1
        if position is None:
            return parts


async def told(connection: Connection, template: str) -> list[str]:
    """Whom a mail tells of it, by itself or joined with other news."""
    rows = await connection.fetch(
        """select distinct u.first_name from messages m join users u on u.id = m.user_id
           cross join jsonb_array_elements(m.notices) n where n ->> 'template' = $1 order by 1""",
        template,
    )
    return [row["first_name"] for row in rows]
