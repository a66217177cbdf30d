"""Access reviews while they are open: who answers for whom, what an answer does, who sees what (S1-27)."""

import uuid
from typing import Any

import pytest

from store.access_version import raise_epoch
from store.database import Connection
from tests.graphql.changes import create, errors, events
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import BEACH, HILL, LEA, OTHER_LEA, PARK, Caller, assignment_id, codes, give, user_id
from tests.reviews.reviewing import (
    ANSWER,
    BY_ORGANIZATION,
    ITEMS,
    REVIEWS,
    answer,
    item,
    items,
    names,
    progress,
    started,
)
from tests.years.conftest import AsAdministrator

EVERYBODY = ["Additional", "Colleague", "Educator", "Hill-Site", "Primary", "Shared", "Site", "Teacher", "Unsigned"]
pytestmark = pytest.mark.rule("S1-27")


async def test_never_oneself_and_peers_and_superiors_go_up_a_rank(
    as_person: AsCaller, as_administrator: AsAdministrator
) -> None:
    review = await started(await as_person("primary"))
    below = [one for one in EVERYBODY if one not in ("Primary", "Additional")]
    for name, expected in (
        ("superintendent", ["Additional", "Primary"]),
        ("primary", [one for one in EVERYBODY if one != "Primary"]),
        ("additional", below),
        ("site", ["Colleague", "Shared", "Teacher", "Unsigned"]),
        ("hill-site", []),
    ):
        asking = await as_person(name)
        assert sorted(await names(asking, review, mine=True)) == expected
        seen = await items(asking, review)
        assert sorted(one["firstName"] for one in seen if one["mayAnswer"]) == expected
        others = sorted(one["firstName"] for one in seen if not one["mayAnswer"])
        assert sorted(await names(asking, review, mine=False)) == others
    state = await as_administrator()
    assert await names(state, review, mine=True) == [], "somebody at the LEA answers for each of them"
    assert sorted(await names(state, review)) == EVERYBODY


async def test_each_item_says_which_roles_may_answer(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    found = {
        one["firstName"]: {(by["role"]["code"], by["primary"]) for by in one["answeredByRoles"]}
        for one in await items(lead, review)
    }
    assert found["Primary"] == {("superintendent", False)}
    assert found["Additional"] == {("superintendent", False), ("lea-coordinator", True)}
    assert found["Site"] == {("lea-coordinator", False)}
    assert found["Teacher"] == {("lea-coordinator", False), ("site-coordinator", False)}


async def test_the_state_answers_where_nobody_else_could(
    as_person: AsCaller, as_administrator: AsAdministrator, connection: Connection
) -> None:
    review = await started(await as_person("primary"))
    state = await as_administrator()
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("superintendent"))
    assert await names(state, review, mine=True) == ["Primary"]
    (mine,) = await items(state, review, mine=True)
    assert mine["mayAnswer"]
    others = [await item(state, review, "Teacher")]
    assert errors(await answer(state, others)) == [("ANSWERED_THERE", "S1-27", "input.items.0")]
    done = await answer(state, [mine], "REMOVE", "left the LEA")
    assert done["userErrors"] == []
    row = await connection.fetchrow(
        "select answer, answered_under from access_review_items where user_id = $1", user_id("primary")
    )
    assert row is not None
    assert tuple(row.values()) == ("remove", "state/state-administrator")
    assert await connection.fetchval('select "primary" from role_assignments where user_id = $1', user_id("additional"))


async def test_a_superintendent_who_stands_in_answers_and_the_state_does_not(
    as_person: AsCaller, as_administrator: AsAdministrator, connection: Connection
) -> None:
    await connection.execute("delete from role_assignments where role = 'lea-coordinator' and lea_id = $1", LEA)
    await connection.execute("update role_assignments set origin = 'directory' where role = 'superintendent'")
    async with connection.transaction():
        await raise_epoch(connection)
    state = await as_administrator()
    review = await started(state)
    assert await names(state, review, mine=True) == []
    stand_in = await as_person("superintendent", "lea-coordinator")
    mine = await names(stand_in, review, mine=True)
    assert sorted(mine) == [one for one in EVERYBODY if one not in ("Primary", "Additional")]
    await give(connection, "site", "lea-coordinator", LEA)
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("site"))
    assert "Educator" in await names(state, review, mine=True), "who is assigned can't, and nobody stands in for her"


async def test_keeping_is_recorded_with_who_when_and_under_which_role(
    as_person: AsCaller, connection: Connection
) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    two = [await item(lead, review, "Teacher"), await item(lead, review, "Site")]
    done = await answer(lead, two, "KEEP", "teaches fourth grade")
    assert [one["answer"] for one in done["items"]] == ["KEEP", "KEEP"]
    kept = await item(lead, review, "Teacher")
    assert (kept["answer"], kept["answeredBy"]["firstName"], kept["answeredUnder"]) == (
        "KEEP", "Primary", "caaspp/lea-coordinator",
    )  # fmt: skip
    assert (kept["reason"], bool(kept["answeredAt"])) == ("teaches fourth grade", True)
    assert await names(lead, review, answered=True) == ["Site", "Teacher"]
    assert len(await names(lead, review, answered=False)) == 7
    assert await progress(lead) == {"items": 9, "answered": 2, "kept": 2, "unanswered": 7}
    told = [one for one in await events(connection) if one["target_type"] == "access_review_item"]
    assert [(one["action"], one["after"]["answer"], bool(one["personal"])) for one in told] == [
        ("answerReviewItem", "keep", True),
    ] * 2
    assert "fourth grade" not in str(told), "what is written about a person is encrypted with her key"
    site = await as_person("site")
    assert (await item(site, review, "Teacher"))["answeredBy"] is None, "the primary coordinator is out of her sight"


async def test_removing_does_what_remove_roles_does(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    before = await connection.fetchval("select access_version from users where id = $1", user_id("teacher"))
    one = await item(lead, review, "Teacher")
    done = await answer(lead, [one], "REMOVE", "has left")
    assert done["userErrors"] == []
    row = await connection.fetchrow("select status, access_version from users where id = $1", user_id("teacher"))
    assert row is not None
    assert row["status"] == "inactive"
    assert row["access_version"] > before
    mails = "select count(*) from messages where user_id = $1 and template = 'role-removed'"
    assert await connection.fetchval(mails, user_id("teacher")) == 1
    removed = [one for one in await events(connection) if one["target_type"] == "role_assignment"]
    assert [(one["action"], bool(one["personal"])) for one in removed] == [("answerReviewItem", True)]
    assert await progress(lead) == {"items": 9, "answered": 1, "removed": 1, "unanswered": 8}
    again = await answer(lead, [one], "REMOVE")
    assert again["userErrors"] == []
    assert errors(await answer(lead, [one], "KEEP")) == [("REMOVED", "S1-27", "input.items.0")]


async def test_removing_the_primary_coordinator_lets_the_next_one_follow(
    as_person: AsCaller, connection: Connection
) -> None:
    review = await started(await as_person("primary"))
    head = await as_person("superintendent")
    done = await answer(head, [await item(head, review, "Primary")], "REMOVE")
    assert done["userErrors"] == []
    assert await connection.fetchval('select "primary" from role_assignments where user_id = $1', user_id("additional"))


async def test_an_answer_can_be_changed(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    one = await item(lead, review, "Teacher")
    await answer(lead, [one])
    site = await as_person("site")
    await answer(site, [one], "REMOVE")
    found = [one for one in await events(connection) if one["target_type"] == "access_review_item"]
    assert [(one["before"], one["after"]["answer"]) for one in found] == [
        (None, "keep"), ({"answer": "keep"}, "remove"),
    ]  # fmt: skip


async def test_all_or_none(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("additional")
    review = await started(lead)
    mixed = [await item(lead, review, "Teacher"), await item(lead, review, "Primary")]
    for reply in ("KEEP", "REMOVE"):
        assert errors(await answer(lead, mixed, reply)) == [("NOT_ASSIGNABLE", "S0-30", "input.items.1")]
    own = [await item(lead, review, "Additional")]
    assert errors(await answer(lead, own)) == [("OWN_ASSIGNMENT", "delegation-1", "input.items.0")]
    assert await progress(lead) == {"items": 9, "unanswered": 9}
    assert (
        await connection.fetchval("select count(*) from role_assignments where user_id = $1", user_id("teacher")) == 1
    )
    denied = await events(connection, "denied")
    assert [one["action"] for one in denied] == ["answerReviewItem"] * 3


async def test_what_is_suspended_is_kept_or_lifted_first(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute(
        "update role_assignments set status = 'suspended' where id = $1",
        assignment_id("teacher", "test-administrator", PARK),
    )
    lead = await as_person("primary")
    review = await started(lead)
    one = [await item(lead, review, "Teacher")]
    assert errors(await answer(lead, one, "REMOVE")) == [("SUSPENDED", "accounts-5", "input.items.0")]
    assert (await answer(lead, one))["userErrors"] == []


async def test_what_ended_meanwhile_is_gone_and_what_changed_says_so(
    as_person: AsCaller, connection: Connection
) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    teacher, colleague = [await item(lead, review, name) for name in ("Teacher", "Colleague")]
    await connection.execute("delete from role_assignments where user_id = $1", user_id("teacher"))
    await connection.execute(
        "update role_assignments set last_day = '2026-12-31' where user_id = $1", user_id("colleague")
    )
    assert (await item(lead, review, "Teacher"))["gone"]
    assert (await item(lead, review, "Colleague"))["changed"]
    assert errors(await answer(lead, [teacher])) == [("GONE", "S1-27", "input.items.0")]
    assert await progress(lead) == {"items": 9, "unanswered": 8, "gone": 1, "changed": 1}
    assert (await answer(lead, [colleague]))["userErrors"] == []


async def test_another_leas_review_is_as_if_it_were_not_there(as_person: AsCaller) -> None:
    lead, far = await as_person("primary"), await as_person("far-lead")
    review = await started(lead)
    one = await item(lead, review, "Teacher")
    assert (await far.data(REVIEWS))["accessReviews"]["nodes"] == []
    for document in (ITEMS, BY_ORGANIZATION):
        seen, unknown, wrong = [
            await far.ask(document, review=given) for given in (review, str(uuid.uuid4()), "no id")
        ]  # fmt: skip
        assert seen == unknown == wrong
        assert codes(seen)[0][0] == "NOT_FOUND"
    given = [{"items": [given], "answer": "KEEP"} for given in (one["id"], str(uuid.uuid4()), "no id")]
    answers = [await far.ask(ANSWER, input=one) for one in given]
    assert answers[0] == answers[1] == answers[2]
    assert codes(answers[0])[0][0] == "NOT_FOUND"


async def test_one_sees_the_items_within_reach(as_person: AsCaller, connection: Connection) -> None:
    review = await started(await as_person("primary"))
    site = await as_person("site")
    assert sorted(await names(site, review)) == ["Colleague", "Shared", "Site", "Teacher", "Unsigned"]
    assert (await progress(site))["items"] == 5
    head = await as_person("superintendent")
    assert sorted(await names(head, review)) == ["Additional", "Primary"]
    out_of_sight = await item(await as_person("primary"), review, "Hill-Site")
    refused = await site.ask(ANSWER, input={"items": [out_of_sight["id"]], "answer": "KEEP"})
    assert codes(refused)[0][0] == "NOT_FOUND"
    await give(connection, "hill-site", "test-administrator", BEACH)
    assert sorted(await names(await as_person("hill-site", "site-coordinator"), review)) == ["Hill-Site"]


async def test_others_see_and_answer_nothing(
    as_person: AsCaller, as_system: Caller, signed_out: Caller, as_token_bearer: AsTokenBearer
) -> None:
    review = await started(lead := await as_person("primary"))
    one = await item(lead, review, "Site")
    for asking in (await as_person("teacher"), as_system, signed_out):
        assert (await asking.ask(REVIEWS))["data"]["accessReviews"] is None
        assert (await asking.ask(ITEMS, review=review))["data"]["reviewItems"] is None
        refused = await asking.ask(ANSWER, input={"items": [one["id"]], "answer": "KEEP"})
        assert refused["data"]["answerReviewItem"] is None
    bearer = await as_token_bearer("primary")
    assert (await bearer.data(REVIEWS))["accessReviews"]["nodes"] == []
    assert codes(await bearer.ask(ITEMS, review=review))[0][0] == "NOT_FOUND"


@pytest.mark.parametrize(("document", "field"), [(ITEMS, "reviewItems"), (BY_ORGANIZATION, "reviewProgress")])
async def test_pages_go_on_behind_the_cursor(as_person: AsCaller, document: str, field: str) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    page = (await lead.data(document, review=review, first=2))[field]
    found, total = list[Any](page["nodes"]), page["totalCount"]
    while page["pageInfo"]["hasNextPage"]:
        page = (await lead.data(document, review=review, first=2, after=page["pageInfo"]["endCursor"]))[field]
        found += page["nodes"]
    shown = [one["firstName"] if field == "reviewItems" else one["organization"]["name"] for one in found]
    assert len(set(shown)) == len(shown) == total
    if field == "reviewProgress":
        assert shown == sorted(shown)
    assert codes(await lead.ask(document, review=review, after="abc"))[0][0] == "BAD_USER_INPUT"


async def test_the_list_of_reviews_goes_on_and_is_narrowed(as_person: AsCaller) -> None:
    for name, place in (("site", PARK), ("hill-site", HILL)):
        await started(await as_person(name), organization=str(place))
    lead = await as_person("primary")
    first = (await lead.data(REVIEWS, first=1))["accessReviews"]
    rest = (await lead.data(REVIEWS, first=1, after=first["pageInfo"]["endCursor"]))["accessReviews"]
    assert (first["totalCount"], rest["pageInfo"]["hasNextPage"]) == (2, False)
    assert {one["organization"]["name"] for one in (*first["nodes"], *rest["nodes"])} == {
        "Hill Elementary", "Park Elementary",
    }  # fmt: skip
    assert (await lead.data(REVIEWS, open=False))["accessReviews"]["totalCount"] == 0
    assert (await lead.data(REVIEWS, program="elpac"))["accessReviews"]["totalCount"] == 0
    seen = (await (await as_person("site")).data(REVIEWS, open=True))["accessReviews"]["nodes"]
    assert [one["organization"]["name"] for one in seen] == ["Park Elementary"]


async def test_by_organization(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    await answer(lead, [await item(lead, review, "Teacher")])
    found = (await lead.data(BY_ORGANIZATION, review=review))["reviewProgress"]["nodes"]
    counts = {one["organization"]["name"]: (one["items"], one["answered"]) for one in found}
    assert counts == {"Hill Elementary": (1, 0), "Park Elementary": (5, 1), "Valley Unified": (3, 0)}


async def test_a_school_that_moves_takes_its_items_along(as_person: AsCaller, connection: Connection) -> None:
    lead, far = await as_person("primary"), await as_person("far-lead")
    review = await started(lead)
    await connection.execute("update organizations set parent_id = $2, lea_id = $2 where id = $1", HILL, OTHER_LEA)
    await connection.execute("update role_assignments set lea_id = $2 where organization_id = $1", HILL, OTHER_LEA)
    assert "Hill-Site" not in await names(lead, review)
    assert await names(far, review) == ["Hill-Site"]
    assert await names(far, review, mine=True) == ["Hill-Site"]


async def test_new_names_sort_anew_and_deleted_people_have_none(as_person: AsCaller, connection: Connection) -> None:
    await started(await as_person("primary"))
    await connection.execute("update users set name_key = '' where id = $1", user_id("teacher"))
    key = await connection.fetchval("select name_key from access_review_items where user_id = $1", user_id("teacher"))
    assert key == ""


async def test_what_an_answer_takes_is_limited(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    for many in (0, 101):
        given = {"items": [str(uuid.uuid4()) for _ in range(many)], "answer": "KEEP"}
        assert codes(await lead.ask(ANSWER, input=given))[0][0] == "BAD_USER_INPUT"
    given = {"items": [str(uuid.uuid4())], "answer": "KEEP", "reason": "x" * 2001}
    assert codes(await lead.ask(ANSWER, input=given))[0][0] == "BAD_USER_INPUT"


async def test_a_role_given_anew_after_its_removal_is_no_part_of_it(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    await answer(lead, [await item(lead, review, "Teacher")], "REMOVE")
    assert (await create(lead, email="teacher@valley.example", firstName="Teacher"))["userErrors"] == []
    again = await item(lead, review, "Teacher")
    assert (again["answer"], again["assignment"]) == ("REMOVE", None)
