"""Answers that last: given again word for word from one statement, and never once what they rest on has changed."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from gateway.decisions.lines import Lines, lines_of
from gateway.decisions.log import Again, DecisionLog
from gateway.state import Gateway
from store.access_version import raise_epoch
from store.database import Connection, Pool
from tests.decisions.conftest import Api, AsApi
from tests.decisions.test_log import ONE
from tests.graphql.test_query_count import counted
from tests.graphql.world import BEACH, HILL, PARK, user_id
from tests.oidc.world import take_all

PARK_CODE = "school:19647331930000"
WINDOWS = {"name": "toms:windows:view"}
MANAGE = {"name": "hallpass:users:manage"}


def user(name: str, **role: str) -> dict[str, Any]:
    who = {"type": "user", "id": str(user_id(name))}
    return {**who, "properties": {"active_role": role}} if role else who


def at(where: object) -> dict[str, str]:
    return {"type": "organization", "id": str(where)}


def told(answer: Any) -> Any:
    """An answer without its own id."""
    context = {name: value for name, value in answer["context"].items() if name != "decision_id"}
    return {**answer, "context": context}


SUBJECTS = [user("site"), user("teacher"), user("primary"), user("site", program="caaspp", role="no")]
PLACES = [at(PARK_CODE), at(PARK), at(HILL), at(BEACH), at("school:no"), at("x"), at("")]


@pytest.mark.parametrize("caller", ["hallpass", "site"])
async def test_the_second_answer_is_the_first_with_another_id(
    hallpass: Api, person_api: AsApi, app: Starlette, caller: str
) -> None:
    api = hallpass if caller == "hallpass" else await person_api(caller)
    items = [{"subject": subject, "resource": place} for subject in SUBJECTS for place in PLACES]
    items += [
        {"subject": user("site"), "action": {"name": "open"}, "resource": {"type": "system", "id": "toms"}},
        {"resource": {**at(PARK), "properties": {}}},
    ]
    body = {"subject": SUBJECTS[0], "action": WINDOWS, "evaluations": items}
    first = (await api.answer("evaluations", body))["evaluations"]
    again: list[Any] = []
    for _ in range(2):
        again = (await api.answer("evaluations", body))["evaluations"]
        assert [told(one) for one in again if "error" not in one["context"]] == [
            told(one) for one in first if "error" not in one["context"]
        ]
    for item, one in zip(items, first, strict=True):
        if "error" not in one["context"]:
            alone = {"subject": SUBJECTS[0], "action": WINDOWS, **item}
            for _ in range(2):
                assert told(await api.answer("evaluation", alone)) == told(one)
    ids = [one["context"]["decision_id"] for one in first + again if "decision_id" in one["context"]]
    assert len(ids) == len(set(ids))


async def test_kept_answers_of_many_people_are_one_statement_and_all_proven(
    hallpass: Api, app: Starlette, connection: Connection
) -> None:
    names = ("site", "teacher", "primary")
    items = [{"subject": user(name), "resource": at(PARK)} for name in names] * 2
    body = {"action": WINDOWS, "evaluations": items}
    first = (await hallpass.answer("evaluations", body))["evaluations"]
    with counted(app) as sent:
        await hallpass.answer("evaluations", body)
    assert len(sent) == 1
    for taken, name in enumerate(names, start=1):
        allowed = [one["decision"] for one in first[taken - 1 : taken]]
        await take_all(connection, user_id(name))
        now = (await hallpass.answer("evaluations", body))["evaluations"]
        assert allowed == [True]
        assert [one["decision"] for one in now[:3]] == [False] * taken + [True] * (3 - taken)
        first = [*first[:taken], *now[taken:]]


@pytest.mark.parametrize("path", ["evaluation", "evaluations"])
async def test_a_person_s_kept_answers_end_with_her_roles_and_her_session(
    person_api: AsApi, connection: Connection, path: str
) -> None:
    asking = await person_api("site")
    one: dict[str, Any] = {"subject": user("site"), "action": MANAGE, "resource": at(PARK)}
    nothing: dict[str, Any] = {}
    body = one if path == "evaluation" else {**one, "evaluations": [nothing, nothing]}
    for _ in range(3):
        answer = await asking.answer(path, body)
        assert all(each["decision"] for each in answer.get("evaluations", [answer]))
    await take_all(connection, user_id("site"))
    answer = await asking.answer(path, body)
    assert not any(each["decision"] for each in answer.get("evaluations", [answer]))
    await connection.execute("update sessions set ended_at = now()")
    assert (await asking.post(path, body)).status_code == 401


async def test_a_new_epoch_ends_every_answer(hallpass: Api, app: Starlette, connection: Connection) -> None:
    body = {"subject": user("site"), "action": WINDOWS, "resource": at(PARK)}
    before = [await hallpass.answer("evaluation", body) for _ in range(2)]
    async with connection.transaction():
        await raise_epoch(connection)
    after = await hallpass.answer("evaluation", body)
    assert after["context"]["access_version"] != before[1]["context"]["access_version"]


async def test_what_is_written_otherwise_is_judged_otherwise(hallpass: Api) -> None:
    """A kept answer never stands in for a question that says more, or something that isn't understood."""
    body = {"subject": user("site"), "action": WINDOWS, "resource": at(PARK)}
    for _ in range(2):
        assert (await hallpass.answer("evaluation", body))["decision"] is True
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    for change in (
        {"resource": {**at(PARK), "other": 1}},
        {"resource": {**at(PARK), "id": [str(PARK)]}},
        {"resource": {"type": "organization", "ID": str(PARK)}},
        {"subject": {**user("site"), "other": None}},
        {"subject": {**user("site"), "properties": deep}},
        {"context": {"at_least_version": "f" * 16}},
        {"context": 1},
    ):
        assert (await hallpass.refusal("evaluation", {**body, **change}))[0] == 400
    narrowed = user("site", program="elpac", role="no")
    assert (await hallpass.answer("evaluation", {**body, "subject": narrowed}))["decision"] is False


async def test_an_answer_is_the_asker_s_own(hallpass: Api, cers: Api, person_api: AsApi) -> None:
    body = {"subject": user("site"), "action": WINDOWS, "resource": at(PARK)}
    for _ in range(2):
        assert (await hallpass.answer("evaluation", body))["decision"] is True
        assert (await cers.answer("evaluation", body))["context"]["reason"] == "not-your-system"
        stranger = await (await person_api("far-teacher")).answer("evaluation", body)
        assert (stranger["decision"], stranger["context"]["reason"]) == (False, "no-assignment")


async def test_kept_answers_are_logged_as_judged_ones(
    hallpass: Api, gateway: Gateway, pool: Pool, connection: Connection
) -> None:
    log = gateway.decision_log
    log.__init__(1.0, 1.0)
    body = {"subject": user("site"), "action": WINDOWS, "resource": at(PARK)}
    many = {**body, "evaluations": [{}, {"resource": at(BEACH)}]}
    ids: list[str] = []
    for _ in range(2):
        ids.append((await hallpass.answer("evaluation", body))["context"]["decision_id"])
        ids += [one["context"]["decision_id"] for one in (await hallpass.answer("evaluations", many))["evaluations"]]
    await log.flush(pool)
    rows = {str(row["id"]): dict(row.items()) for row in await connection.fetch("select * from decision_log")}
    assert set(rows) == set(ids)
    assert len({rows[one]["request_id"] for one in ids}) == 4
    for first, again in zip(ids[:3], ids[3:], strict=True):
        own = ("id", "at", "request_id")
        judged, kept = ({name: rows[one][name] for name in rows[one] if name not in own} for one in (first, again))
        assert judged == kept


async def test_answers_of_all_callers_together_are_bounded(hallpass: Api, app: Starlette, gateway: Gateway) -> None:
    body = {"subject": user("site"), "action": WINDOWS, "resource": at(PARK)}
    await hallpass.answer("evaluation", {**body, "action": MANAGE})
    callers = gateway.callers._kept.values()  # pyright: ignore[reportPrivateUsage]
    for caller in callers:
        lines_of(caller).clear()
    app.state.decision_desk.lines = Lines(most=2)
    for place in PLACES[:6]:
        await hallpass.answer("evaluation", {**body, "resource": place})
        kept = [answer for caller in callers for line in lines_of(caller).values() for answer in line.answers]
        assert 0 < len(kept) <= 2


async def test_a_sample_of_many_is_drawn_as_one_by_one(pool: Pool, connection: Connection) -> None:
    outcomes = [True, False] * 5_000
    log = DecisionLog(denials=1.0, allows=0.05, most=100_000)
    chosen = log.sampled(outcomes)
    assert sum(not outcomes[place] for place in chosen) == 5_000
    assert 150 < sum(outcomes[place] for place in chosen) < 350
    assert len(set(chosen)) == len(chosen)
    assert DecisionLog(denials=0, allows=0).sampled(outcomes) == []
    small = DecisionLog(most=3)
    small.take(replace(ONE, id=uuid4()))
    assert (len(small.sampled([False] * 4)), small.dropped) == (2, 2)
    small.take(Again(ONE, str(uuid4()), ONE.at, "again"))
    await small.flush(pool)
    assert await connection.fetchval("select array_agg(request_id order by request_id) from decision_log") == [
        "again", "r"
    ]  # fmt: skip
