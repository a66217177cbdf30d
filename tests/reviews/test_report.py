"""The report of access reviews: items with their answers, within reach."""

from datetime import timedelta

import pytest

from gateway.outbox.reviews import close_reviews
from gateway.state import Gateway
from store.database import Connection
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK
from tests.reports.test_reports import fetched, rows
from tests.reviews.reviewing import DUE, answer, do_work, item, started

pytestmark = pytest.mark.rule("S1-27")


async def test_items_with_their_answers(as_person: AsCaller, gateway: Gateway, connection: Connection) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    await answer(lead, [await item(lead, review, "Teacher")], "KEEP", "=here")
    await answer(lead, [await item(lead, review, "Colleague")], "REMOVE")
    found = {one["First Name"]: one for one in await rows(lead, "access-review")}
    assert len(found) == 9
    told = {key: found["Teacher"][key] for key in ("Role", "Due", "Answer", "Reason", "Answered By", "Answered As")}
    assert told == {
        "Role": "CAASPP Test Administrator", "Due": "2026-12-15", "Answer": "keep", "Reason": "'=here",
        "Answered By": "Primary Example", "Answered As": "caaspp/lea-coordinator",
    }  # fmt: skip
    assert (found["Colleague"]["Answer"], found["Site"]["Answer"]) == ("remove", "")
    await do_work(gateway, connection, close_reviews, DUE + timedelta(days=1))
    head = await rows(await as_person("superintendent"), "access-review")
    assert {one["First Name"]: one["Answer"] for one in head} == dict.fromkeys(
        ("Additional", "Primary"), "not answered, suspended"
    )


async def test_it_holds_what_its_reader_sees(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    await answer(lead, [await item(lead, review, "Teacher")])
    site = await rows(await as_person("site"), "access-review")
    assert {one["First Name"] for one in site} == {"Colleague", "Shared", "Site", "Teacher", "Unsigned"}
    assert {one["Answered By"] for one in site} == {""}, "who answered is out of her sight"
    assert await rows(await as_person("far-lead"), "access-review") == []
    assert len(await rows(lead, "access-review", organization=str(PARK))) == 5
    assert len(await rows(lead, "access-review", organization=str(LEA), program="caaspp", schoolYear="2026-27")) == 9
    assert await rows(lead, "access-review", program="elpac") == []
    assert (await fetched(lead, "access-review.xlsx")).status_code == 200
