"""`/access/v1/evaluations` (AuthZEN 7): defaults, the three semantics, errors of single questions, limits."""

from typing import Any

import pytest

from tests.decisions.conftest import Api, AsApi
from tests.graphql.world import BEACH, HILL, PARK, user_id

SITE = {"type": "user", "id": str(user_id("site"))}
TEACHER = {"type": "user", "id": str(user_id("teacher"))}
MANAGE, WINDOWS = {"name": "hallpass:users:manage"}, {"name": "toms:windows:view"}


def at(where: object) -> dict[str, str]:
    return {"type": "organization", "id": str(where)}


def decisions(answer: Any) -> list[bool]:
    assert set(answer) == {"evaluations"}
    return [one["decision"] for one in answer["evaluations"]]


async def test_defaults_are_taken_whole_and_each_question_may_differ(person_api: AsApi) -> None:
    asking = await person_api("site")
    body = {
        "subject": SITE,
        "action": MANAGE,
        "evaluations": [
            {"resource": at(PARK)},
            {"resource": at(BEACH)},
            {"resource": at(PARK), "action": {**MANAGE, "properties": {"program": "elpac"}}},
            {"resource": at(PARK), "subject": TEACHER},
            {"resource": at(PARK), "subject": TEACHER, "action": WINDOWS},
        ],
    }
    answer = await asking.answer("evaluations", body)
    assert decisions(answer) == [True, False, False, False, True]
    numbers = {one["context"]["decision_id"] for one in answer["evaluations"]}
    assert len(numbers) == 5


@pytest.mark.parametrize("evaluations", [{}, {"evaluations": []}, {"evaluations": None}])
async def test_without_questions_it_is_one_evaluation(person_api: AsApi, evaluations: dict[str, Any]) -> None:
    asking = await person_api("site")
    body = {"subject": SITE, "action": MANAGE, "resource": at(PARK), **evaluations}
    assert (await asking.answer("evaluations", body))["decision"] is True
    assert (await asking.refusal("evaluations", {**body, "subject": None}))[0] == 400


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        (None, [True, False, False, True]),
        ("execute_all", [True, False, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
async def test_the_three_semantics(person_api: AsApi, semantic: str | None, expected: list[bool]) -> None:
    options = {} if semantic is None else {"options": {"evaluations_semantic": semantic, "another_option": "value"}}
    questions = [{"resource": at(one)} for one in (PARK, HILL, BEACH, PARK)]
    body = {"subject": SITE, "action": MANAGE, "evaluations": questions, **options}
    assert decisions(await (await person_api("site")).answer("evaluations", body)) == expected


async def test_permit_on_first_permit_goes_on_behind_denials_and_errors(person_api: AsApi) -> None:
    questions = [{"resource": at(HILL)}, {"resource": {"type": "account", "id": "1"}}, {"resource": at(PARK)}, {}]
    options = {"evaluations_semantic": "permit_on_first_permit"}
    body = {"subject": SITE, "action": MANAGE, "evaluations": questions, "options": options}
    assert decisions(await (await person_api("site")).answer("evaluations", body)) == [False, False, True]


async def test_an_error_of_one_question_is_a_closed_decision(person_api: AsApi) -> None:
    questions: list[Any] = [
        {"resource": {"type": "account", "id": "1"}},
        {},
        7,
        {"resource": at(PARK), "context": {"at_least_version": "f" * 16}},
        {"resource": at(PARK), "action": {"name": "no"}},
        {"resource": at(PARK)},
    ]
    asking = await person_api("site")
    answer = await asking.answer("evaluations", {"subject": SITE, "action": MANAGE, "evaluations": questions})
    assert decisions(answer) == [False] * 5 + [True]
    for one in answer["evaluations"][:5]:
        assert one["context"]["error"]["status"] == 400
        assert one["context"]["error"]["message"]
    ended = {"options": {"evaluations_semantic": "deny_on_first_deny"}, "subject": SITE, "action": MANAGE}
    answer = await asking.answer("evaluations", {**ended, "evaluations": questions})
    assert decisions(answer) == [False]


WRONG: list[dict[str, Any]] = [
    {"evaluations": {}},
    {"evaluations": "x"},
    {"evaluations": [{}] * 101},
    {"options": []},
    {"options": {"evaluations_semantic": "all"}},
    {"options": {"evaluations_semantic": 1}},
]


@pytest.mark.parametrize("change", WRONG)
async def test_what_is_wrong_with_the_whole_is_a_400(thss: Api, change: dict[str, Any]) -> None:
    body = {"subject": SITE, "action": MANAGE, "evaluations": [{"resource": at(PARK)}], **change}
    assert (await thss.refusal("evaluations", body))[0] == 400


async def test_a_hundred_questions_about_many_people_and_places(hallpass: Api) -> None:
    people = [str(user_id(name)) for name in ("site", "teacher", "primary", "far-lead", "nobody")]
    questions = [
        {"subject": {"type": "user", "id": people[n % 5]}, "resource": at((PARK, HILL, BEACH)[n % 3])}
        for n in range(100)
    ]
    answer = await hallpass.answer("evaluations", {"action": WINDOWS, "evaluations": questions})
    for question, one in zip(questions, answer["evaluations"], strict=True):
        alone = await hallpass.evaluate(question["subject"], WINDOWS, question["resource"])
        same = ("reason", "access_version")
        assert alone["decision"] == one["decision"]
        assert [alone["context"].get(name) for name in same] == [one["context"].get(name) for name in same]
