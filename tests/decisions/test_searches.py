"""The three searches (AuthZEN 8): each equals the filter of an evaluation over everything, page by page."""

from typing import Any

import httpx2
import pytest

from store.access_version import raise_versions
from store.database import Connection
from tests.decisions.conftest import Api, AsApi
from tests.graphql.world import BEACH, HILL, LEA, OTHER_ROSTER, PARK, ROLES, ROSTER, user_id
from tests.oidc.world import OTHER_LEA, STATE

PEOPLE = sorted({name for name, *_ in ROLES} | {"unsigned"})
IDS = {str(user_id(name)) for name in PEOPLE}
PLACES = {str(one) for one in (STATE, LEA, OTHER_LEA, PARK, HILL, BEACH)}
GROUPS = {str(ROSTER), str(OTHER_ROSTER)}
EVERYTHING = {"organization": PLACES, "student_group": GROUPS, "user": IDS}
ACTIONS: list[dict[str, Any]] = [
    {"name": "hallpass:users:manage"},
    {"name": "hallpass:users:view", "properties": {"program": "elpac"}},
    {"name": "hallpass:student-groups:manage"},
    {"name": "toms:windows:view"},
    {"name": "toms:student-tests:view"},
    {"name": "tds:summative:administer"},
    {"name": "thss:responses:view", "properties": {"assessment": "interim"}},
    {"name": "cers:results:view", "properties": {"assessment": "summative"}},
    {"name": "cers:results:view"},
    {"name": "toms:reports:view", "properties": {"report": "student-test-settings"}},
]


def user(name: str) -> dict[str, Any]:
    return {"type": "user", "id": str(user_id(name))}


async def pages(api: Api, kind: str, body: dict[str, Any], limit: int = 2) -> list[str]:
    """Every page's results, one after the other."""
    found: list[str] = []
    token = ""
    for _ in range(100):
        page = {"limit": limit} | ({"token": token} if token else {})
        answer = await api.answer(f"search/{kind}", {**body, "page": page})
        assert len(answer["results"]) <= limit
        assert answer["page"]["count"] == len(answer["results"])
        found += [one.get("id") or one["name"] for one in answer["results"]]
        token = answer["page"]["next_token"]
        if not token:
            return found
    raise AssertionError("no end of pages")


async def decided(api: Api, questions: list[dict[str, Any]]) -> list[bool]:
    found: list[bool] = []
    for start in range(0, len(questions), 100):
        answer = await api.answer("evaluations", {"evaluations": questions[start : start + 100]})
        found += [one["decision"] for one in answer["evaluations"]]
    return found


@pytest.mark.parametrize(
    "action", ACTIONS, ids=lambda action: "-".join([action["name"], *action.get("properties", {})])
)
async def test_a_search_for_resources_is_the_filter_of_evaluations(hallpass: Api, action: dict[str, Any]) -> None:
    for name in PEOPLE:
        for kind, every in EVERYTHING.items():
            if kind == "user" and not action["name"].startswith("hallpass:users:"):
                continue
            body = {"subject": user(name), "action": action, "resource": {"type": kind}}
            found = await pages(hallpass, "resource", body)
            asked = sorted(every)
            questions = [{**body, "resource": {"type": kind, "id": one}} for one in asked]
            allowed = {one for one, yes in zip(asked, await decided(hallpass, questions), strict=True) if yes}
            assert (set(found), len(found)) == (allowed, len(allowed)), (name, kind)


@pytest.mark.parametrize(
    "action", ACTIONS, ids=lambda action: "-".join([action["name"], *action.get("properties", {})])
)
async def test_a_search_for_subjects_is_the_filter_of_evaluations(hallpass: Api, action: dict[str, Any]) -> None:
    for kind, every in EVERYTHING.items():
        if kind == "user" and not action["name"].startswith("hallpass:users:"):
            continue
        for one in sorted(every):
            body = {"subject": {"type": "user"}, "action": action, "resource": {"type": kind, "id": one}}
            found = await pages(hallpass, "subject", body)
            questions = [{**body, "subject": user(name)} for name in PEOPLE]
            answers = zip(PEOPLE, await decided(hallpass, questions), strict=True)
            allowed = {str(user_id(name)) for name, yes in answers if yes}
            assert (set(found), len(found)) == (allowed, len(allowed)), (kind, one)


async def test_a_search_for_actions_is_the_filter_of_evaluations(hallpass: Api) -> None:
    for name in PEOPLE:
        for resource in ({"type": "organization", "id": str(PARK)}, {"type": "student_group", "id": str(ROSTER)}):
            found = await pages(hallpass, "action", {"subject": user(name), "resource": resource}, limit=7)
            assert found == sorted(found)
            questions = [{"subject": user(name), "resource": resource, "action": {"name": one}} for one in found]
            assert all(await decided(hallpass, questions)) if found else True
            wanted = [action for action in ACTIONS if "properties" not in action]
            questions = [{"subject": user(name), "resource": resource, "action": one} for one in wanted]
            answers = zip(wanted, await decided(hallpass, questions), strict=True)
            assert {one["name"] for one, yes in answers if yes} <= set(found)


async def test_systems_that_may_be_opened_and_by_whom(hallpass: Api, person_api: AsApi) -> None:
    body = {"subject": user("teacher"), "action": {"name": "open"}, "resource": {"type": "system"}}
    assert await pages(hallpass, "resource", body) == ["cers", "hallpass", "tds", "thss", "toms"]
    resource = {"type": "system", "id": "thss"}
    assert await pages(hallpass, "action", {"subject": user("teacher"), "resource": resource}) == ["open"]
    whole = {"subject": {"type": "user"}, "action": {"name": "open"}, "resource": resource}
    found = await pages(hallpass, "subject", whole)
    questions = [{**whole, "subject": user(name)} for name in PEOPLE]
    answers = zip(PEOPLE, await decided(hallpass, questions), strict=True)
    assert set(found) == {str(user_id(name)) for name, yes in answers if yes}
    seen = await pages(await person_api("site"), "subject", whole)
    assert set(seen) < set(found)
    assert str(user_id("far-teacher")) not in seen


async def test_a_person_s_searches_end_where_she_sees_nobody(person_api: AsApi) -> None:
    asking = await person_api("site")
    at_park = {"type": "organization", "id": str(PARK)}
    body = {"subject": {"type": "user"}, "action": {"name": "toms:windows:view"}, "resource": at_park}
    found = await pages(asking, "subject", body)
    assert str(user_id("teacher")) in found
    assert str(user_id("primary")) not in found
    stranger = {"subject": user("far-teacher"), "resource": {"type": "organization", "id": str(BEACH)}}
    assert await pages(asking, "action", stranger) == []


async def test_an_active_role_client_names_the_role(cers: Api) -> None:
    action = {"name": "cers:results:view", "properties": {"assessment": "summative"}}
    body = {"subject": user("site"), "action": action, "resource": {"type": "organization"}}
    missing = await cers.answer("search/resource", body)
    assert (missing["results"], missing["context"]) == ([], {"reason": "active-role-missing"})
    role = {"active_role": {"program": "caaspp", "role": "site-coordinator", "school_year": "2026-27"}}
    named = {**body, "subject": {**user("site"), "properties": role}}
    assert await pages(cers, "resource", named) == [str(PARK)]
    who = {
        **body,
        "subject": {"type": "user", "properties": role},
        "resource": {"type": "organization", "id": str(PARK)},
    }
    assert await pages(cers, "subject", who) == [str(user_id("site"))]


async def test_page_tokens_are_of_one_caller_question_and_version(
    hallpass: Api, person_api: AsApi, connection: Connection
) -> None:
    body = {"subject": user("primary"), "action": {"name": "hallpass:users:view"}, "resource": {"type": "organization"}}
    first = await hallpass.answer("search/resource", {**body, "page": {"limit": 1}})
    token = first["page"]["next_token"]
    again = {**body, "page": {"limit": 1, "token": token}}
    assert (await hallpass.answer("search/resource", again))["results"] != first["results"]
    other = await person_api("primary")
    changed = {**again, "subject": user("superintendent")}
    larger = {**body, "page": {"limit": 2, "token": token}}
    for api, asked in ((other, again), (hallpass, changed), (hallpass, larger)):
        status, told = await api.refusal("search/resource", asked)
        assert (status, "begin again" in told) == (400, True)
    for forged in (token[:-2], "x" + token, "", "é", "A" * 900):
        asked = {**body, "page": {"limit": 1, "token": forged}}
        assert (await hallpass.post("search/resource", asked)).status_code == (400 if forged else 200), forged
    async with connection.transaction():
        await raise_versions(connection, [user_id("primary")])
    status, told = await hallpass.refusal("search/resource", again)
    assert (status, "Access has changed" in told) == (400, True)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("subject", {"resource": {"type": "student", "id": "1"}}),
        ("subject", {"resource": {"type": "test_session", "id": "1"}}),
        ("subject", {"resource": {"type": "organization"}}),
        ("subject", {"subject": {"type": "client"}}),
        ("resource", {"resource": {"type": "student"}}),
        ("resource", {"resource": {"type": "response"}}),
        ("resource", {"action": {"name": "open"}}),
        ("resource", {"subject": {"type": "user"}}),
        ("action", {}),
        ("action", {"action": None, "resource": {"type": "role_assignment", "id": "1"}}),
        ("resource", {"page": {"limit": 0}}),
        ("resource", {"page": {"limit": "5"}}),
        ("resource", {"page": {"size": 5}}),
        ("resource", {"page": 5}),
    ],
)
async def test_what_cannot_be_searched_is_a_400(hallpass: Api, kind: str, change: dict[str, Any]) -> None:
    good = {"subject": user("site"), "action": ACTIONS[0], "resource": {"type": "organization", "id": str(PARK)}}
    status, told = await hallpass.refusal(f"search/{kind}", {**good, **change})
    assert status == 400
    assert told.endswith((".", "!"))


async def test_searches_need_credentials(http: httpx2.AsyncClient) -> None:
    for kind in ("subject", "resource", "action"):
        assert (await http.post(f"/access/v1/search/{kind}", json={})).status_code == 401
