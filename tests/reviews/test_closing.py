"""The daily work on access reviews: reminders, closing, what happens to what nobody answered, and who lifts it."""

from datetime import date, timedelta
from typing import Any

import pytest

from gateway.outbox import reviews
from gateway.outbox.daily import DailyJob, do_due_work
from gateway.outbox.daily_jobs import DAILY_JOBS
from gateway.outbox.reviews import close_reviews, remind_of_reviews
from gateway.state import Gateway
from store.database import Connection
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, LEA, OTHER_LEA, PARK, Caller, assignment_id, user_id
from tests.oidc.world import Clock
from tests.reviews.reviewing import DUE, answer, do_work, item, names, progress, started, told
from tests.years.conftest import AsAdministrator

REACTIVATE = """mutation ($user: ID!) { reactivateUser(input: {user: $user}) {
    stillSuspended userErrors { path code rule message remedy } } }"""
SUSPENSION = """query ($user: ID!) { user(by: {id: $user}) {
    assignments { nodes { status suspension { comment under author { id } } } } } }"""
OVER = DUE + timedelta(days=1)
pytestmark = pytest.mark.rule("S1-27")


async def status(connection: Connection, name: str) -> str:
    return await connection.fetchval("select status from role_assignments where user_id = $1", user_id(name))


async def lift(asking: Caller, name: str) -> Any:
    return (await asking.data(REACTIVATE, user=str(user_id(name))))["reactivateUser"]


async def test_who_has_open_items_is_written_to_7_days_and_1_day_before(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    lead = await as_person("primary")
    await started(lead)
    everybody = ["Additional", "Primary", "Site", "Superintendent"]
    for days, expected in ((8, []), (7, everybody), (6, []), (1, everybody), (0, [])):
        await connection.execute("delete from messages")
        await do_work(gateway, connection, remind_of_reviews, DUE - timedelta(days=days))
        assert await told(connection, "review-due") == expected
        await do_work(gateway, connection, remind_of_reviews, DUE - timedelta(days=days))
        assert await told(connection, "review-due") == expected, "each mark once"


async def test_who_has_answered_everything_is_not_reminded(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    mine = await names(lead, review, mine=True)
    await answer(lead, [await item(lead, review, name) for name in mine])
    await do_work(gateway, connection, remind_of_reviews, DUE - timedelta(days=3))
    assert await told(connection, "review-due") == ["Superintendent"], "the primary coordinator's own item is left"


async def test_several_reviews_are_one_mail_for_each_person(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    for name, place in (("site", PARK), ("hill-site", HILL)):
        await started(await as_person(name), organization=str(place))
    parts = await do_work(gateway, connection, remind_of_reviews, DUE - timedelta(days=7))
    assert parts == 3
    assert await told(connection, "review-due") == ["Additional", "Primary", "Site"]
    notices = "select jsonb_array_length(notices) from messages where template = 'review-due' and user_id = $1"
    assert await connection.fetchval(notices, user_id("primary")) == 2


async def test_what_nobody_answered_is_suspended(as_person: AsCaller, gateway: Gateway, connection: Connection) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    kept = [await item(lead, review, name) for name in ("Site", "Hill-Site", "Educator", "Additional")]
    await answer(lead, kept)
    head = await as_person("superintendent")
    await answer(head, [await item(head, review, "Primary")])
    await answer(lead, [await item(lead, review, "Unsigned")], "REMOVE")
    await connection.execute("delete from role_assignments where user_id = $1", user_id("colleague"))
    before = await connection.fetchval("select access_version from users where id = $1", user_id("teacher"))
    assert await do_work(gateway, connection, close_reviews, DUE) == 1, "its last day isn't over"
    assert await status(connection, "teacher") == "active"
    await do_work(gateway, connection, close_reviews, OVER)
    assert {name: await status(connection, name) for name in ("teacher", "site", "primary", "far-teacher")} == {
        "teacher": "suspended", "site": "active", "primary": "active", "far-teacher": "active",
    }  # fmt: skip
    after = await connection.fetchval("select access_version from users where id = $1", user_id("teacher"))
    assert after > before
    lead = await as_person("primary")
    assert await progress(lead) == {
        "items": 9, "answered": 6, "kept": 5, "removed": 1, "unanswered": 2, "suspended": 2, "gone": 1,
    }  # fmt: skip
    assert await told(connection, "account-suspended") == ["Shared", "Teacher"]
    assert await told(connection, "review-closed") == ["Primary"]
    closed = [one for one in await events(connection) if one["action"] == "closeAccessReview"]
    assert sorted(one["target_type"] for one in closed) == ["access_review", "role_assignment", "role_assignment"]
    late = await item(lead, review, "Teacher")
    assert (late["suspendedByReview"], late["mayAnswer"], late["status"]) == (True, False, "SUSPENDED")
    assert errors(await answer(lead, [late])) == [("REVIEW_CLOSED", "S1-27", "input.items.0")]
    assert (await started(lead)) != review, "the next one may begin"


async def test_the_roles_of_other_programs_stay_as_they_are(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    await started(await as_person("primary"))
    await do_work(gateway, connection, close_reviews, OVER)
    found = await connection.fetch(
        "select program, status from role_assignments where user_id = $1 order by 1", user_id("shared")
    )
    assert [tuple(row.values()) for row in found] == [("caaspp", "suspended"), ("elpac", "active")]


async def test_what_nobody_answered_may_be_left(as_person: AsCaller, gateway: Gateway, connection: Connection) -> None:
    lead = await as_person("primary")
    review = await started(lead, unanswered="KEEP")
    await answer(lead, [await item(lead, review, "Teacher")])
    await do_work(gateway, connection, close_reviews, OVER)
    assert await connection.fetchval("select count(*) from role_assignments where status <> 'active'") == 0
    assert await progress(lead) == {"items": 9, "answered": 1, "kept": 1, "unanswered": 8}
    assert await told(connection, "account-suspended") == []


@pytest.mark.rule("accounts-5")
async def test_whoever_could_have_answered_lifts_it(
    as_person: AsCaller, as_administrator: AsAdministrator, gateway: Gateway, connection: Connection
) -> None:
    await started(await as_person("primary"))
    head = await as_person("superintendent")
    await do_work(gateway, connection, close_reviews, OVER)
    far = await as_person("far-lead")
    answer_ = await far.ask(REACTIVATE, user=str(user_id("teacher")))
    assert answer_["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (await lift(head, "primary"))["userErrors"] == []
    lead = await as_person("primary")
    shown = await lead.data(SUSPENSION, user=str(user_id("teacher")))
    (one,) = shown["user"]["assignments"]["nodes"]
    assert one["suspension"]["author"] is None
    assert "due on 2026-12-15" in one["suspension"]["comment"]
    assert (await lift(lead, "teacher"))["userErrors"] == []
    assert await status(connection, "teacher") == "active"
    assert (await lift(lead, "additional"))["userErrors"] == []
    assert (await lift(await as_person("additional"), "site"))["userErrors"] == []
    assert (await lift(await as_person("site"), "colleague"))["userErrors"] == []
    still = await connection.fetchval(
        "select count(*) from suspensions where why = 'review' and lifted_at is null and user_id = $1",
        user_id("hill-site"),
    )
    assert still == 1


async def test_peers_lift_nothing_of_each_other(as_person: AsCaller, gateway: Gateway, connection: Connection) -> None:
    lead = await as_person("primary")
    review = await started(lead)
    await answer(lead, [await item(lead, review, "Additional")])
    await do_work(gateway, connection, close_reviews, OVER)
    peer = await as_person("additional")
    assert errors(await lift(peer, "primary"))[0][0] in ("NOT_ASSIGNABLE", "NOT_ABOVE")


async def test_it_closes_in_portions_and_a_killed_process_is_gone_on_from(
    as_person: AsCaller, gateway: Gateway, connection: Connection, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    await started(await as_person("primary"))
    monkeypatch.setattr(reviews, "PORTION", 2)
    count = 0

    async def cut_off(day: Any, connection: Connection) -> str | None:
        nonlocal count
        count += 1
        found = await close_reviews(day, connection)
        if count == 3:
            raise RuntimeError("the process was killed here")
        return found

    days = (OVER - date(2026, 11, 22)).days
    clock.forward(days=days + 1, hours=8)
    await do_due_work(gateway, [DailyJob("access reviews that are over", cut_off)])
    suspended = "select count(*) from suspensions where why = 'review'"
    assert await connection.fetchval(suspended) == 4, "two portions of two, the third is rolled back whole"
    assert await connection.fetchval("select closed_at from access_reviews") is None
    done = await connection.fetchval("select count(*) from access_review_items where outcome is null")
    assert done == 5
    await do_due_work(gateway, [job for job in DAILY_JOBS if job.name == "access reviews that are over"])
    assert await connection.fetchval(suspended) == 9
    assert await connection.fetchval("select count(*) from access_review_items where outcome = 'suspended'") == 9
    assert await connection.fetchval("select closed_at from access_reviews") is not None
    assert await told(connection, "review-closed") == ["Primary"]


async def test_while_it_closes_nobody_answers(
    as_person: AsCaller, gateway: Gateway, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = await as_person("primary")
    review = await started(lead, unanswered="KEEP")
    one = await item(lead, review, "Teacher")
    monkeypatch.setattr(reviews, "PORTION", 2)
    async with connection.transaction():
        assert await close_reviews(reviews.Day(gateway, OVER, None), connection)
    assert errors(await answer(lead, [one])) == [("REVIEW_CLOSED", "S1-27", "input.items.0")]
    assert not (await item(lead, review, "Teacher"))["mayAnswer"]


async def test_two_reviews_close_on_one_day(as_person: AsCaller, gateway: Gateway, connection: Connection) -> None:
    await started(await as_person("primary"), organization=str(LEA))
    await started(await as_person("far-lead"), organization=str(OTHER_LEA))
    await do_work(gateway, connection, close_reviews, OVER)
    assert await connection.fetchval("select count(*) from access_reviews where closed_at is null") == 0
    assert await told(connection, "review-closed") == ["Far-Lead", "Primary"]


async def test_what_was_suspended_before_stays_with_its_author(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    await connection.execute(
        "update role_assignments set status = 'suspended' where id = $1",
        assignment_id("teacher", "test-administrator", PARK),
    )
    await started(await as_person("primary"))
    await do_work(gateway, connection, close_reviews, OVER)
    assert await connection.fetchval("select count(*) from suspensions where user_id = $1", user_id("teacher")) == 0
    outcome = "select outcome from access_review_items where user_id = $1"
    assert await connection.fetchval(outcome, user_id("teacher")) == "left"
