"""Access reviews begin: what is in them, who may start one, and one at a time (S1-27)."""

import uuid

import pytest

from store.database import Connection
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, LEA, OTHER_LEA, PARK, codes, give, person
from tests.reviews.reviewing import (
    START,
    asked,
    names,
    start,
    started,
)
from tests.years.conftest import AsAdministrator

EVERYBODY = ["Additional", "Colleague", "Educator", "Hill-Site", "Primary", "Shared", "Site", "Teacher", "Unsigned"]
pytestmark = pytest.mark.rule("S1-27")


async def test_a_review_holds_each_role_of_the_year_that_the_directory_does_not_give(
    as_person: AsCaller, connection: Connection
) -> None:
    found = await start(lead := await as_person("primary"))
    review = found["review"]
    assert found["userErrors"] == []
    assert (review["program"], review["schoolYear"], review["dueOn"]) == ("caaspp", "2026-27", "2026-12-15")
    assert (review["unanswered"], review["overdue"], review["closedAt"]) == ("SUSPEND", False, None)
    assert (review["startedBy"]["firstName"], review["startedUnder"]) == ("Primary", "caaspp/lea-coordinator")
    assert review["progress"] == dict.fromkeys(review["progress"], 0) | {"items": 9, "unanswered": 9}
    assert sorted(await names(lead, review["id"])) == EVERYBODY
    (event,) = [one for one in await events(connection) if one["action"] == "startAccessReview"]
    assert (event["target_id"], event["after"]["items"]) == (review["id"], 9)


async def test_what_begins_afterwards_is_no_part_of_it(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    await person(connection, "late")
    await give(connection, "late", "test-administrator", PARK)
    assert "Late" not in await names(lead, review)


async def test_refusals_of_starting(as_person: AsCaller, as_administrator: AsAdministrator) -> None:
    lead = await as_person("primary")
    for changes, expected in (
        ({"dueOn": "2026-11-01"}, ("PAST_DAY", "S1-27", "input.dueOn")),
        ({"dueOn": "2027-11-01"}, ("TOO_LATE", "S1-27", "input.dueOn")),
        ({"program": "elpac"}, ("NOT_MANAGED", "S1-27", "input.organization")),
        ({"program": "nothing"}, ("NO_CURRENT_YEAR", "S1-27", "input.program")),
    ):
        assert errors(await start(lead, **changes)) == [expected]
    site = await as_person("site")
    assert errors(await start(site, organization=str(PARK), program="elpac")) == [
        ("NOT_MANAGED", "S1-27", "input.organization")
    ]
    assert codes(await site.ask(START, input=asked()))[0][0] == "NOT_FOUND", "she doesn't see the LEA"
    unknown = await lead.ask(START, input=asked(organization=str(uuid.uuid4())))
    elsewhere = await lead.ask(START, input=asked(organization=str(OTHER_LEA)))
    assert unknown == elsewhere
    assert codes(unknown)[0][0] == "NOT_FOUND"
    for name in ("teacher", "educator", "superintendent"):
        answer_ = await (await as_person(name)).ask(START, input=asked())
        assert codes(answer_)[0][0] == "FORBIDDEN"


async def test_one_review_is_open_at_a_time(as_person: AsCaller, as_administrator: AsAdministrator) -> None:
    site, lead, state = await as_person("site"), await as_person("primary"), await as_administrator()
    at_park = await start(site, organization=str(PARK))
    assert at_park["review"]["progress"]["items"] == 5
    assert (await start(await as_person("hill-site"), organization=str(HILL)))["userErrors"] == []
    for asking, place in ((site, PARK), (lead, LEA), (lead, PARK)):
        found = await start(asking, organization=str(place))
        assert errors(found) == [("REVIEW_OPEN", "S1-27", "input.organization")]
        assert "Elementary is open until 2026-12-15" in found["userErrors"][0]["message"]
    assert (await start(await as_person("far-lead"), organization=str(OTHER_LEA)))["userErrors"] == []
    assert (await start(await as_person("elpac-lead"), program="elpac"))["userErrors"] == []
    found = await state.data("{ organizations(first: 1) { nodes { id } } }")
    assert found["organizations"]["nodes"]


async def test_the_same_key_starts_one(as_person: AsCaller, connection: Connection) -> None:
    lead, once = await as_person("primary"), asked()
    first = (await lead.data(START, input=once))["startAccessReview"]
    again = (await lead.data(START, input=once))["startAccessReview"]
    assert first["review"]["id"] == again["review"]["id"]
    other = (await lead.data(START, input=once | {"unanswered": "KEEP"}))["startAccessReview"]
    assert errors(other) == [("KEY_REUSED", None, "input.idempotencyKey")]
    assert await connection.fetchval("select count(*) from access_reviews") == 1
