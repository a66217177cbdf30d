"""Answers that were too wide or told too much once: roles of other permissions, unseen people, unions, empty texts."""

from typing import Any
from uuid import UUID

import pytest

from gateway.decisions.log import DecisionLog
from gateway.state import Gateway
from policy.facts import Level, Organization
from policy.ids import OrganizationId, ProgramCode, SchoolYear
from resolvers import decision_memory
from store.access_version import raise_versions
from store.database import Connection, Pool
from tests.decisions.conftest import Api, AsApi
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, NEXT_YEAR, PARK, ROLES, assignment_id, codes, give, person, user_id
from tests.oidc.world import STATE

PARK_CODE = "school:19647331930000"
AT_PARK = {"type": "organization", "id": PARK_CODE}
DECIDE = "query ($checks: [Check!]!) { decideMany(checks: $checks) { allowed asserted } }"
NOBODY = "00000000-0000-4000-8000-000000000000"


def user(name: str) -> dict[str, str]:
    return {"type": "user", "id": str(user_id(name))}


def assigning(permission: str = "hallpass:users:manage") -> dict[str, Any]:
    return {"name": permission, "properties": {"change": "assign"}}


def new(role: str, **more: Any) -> dict[str, Any]:
    given = {"program": "caaspp", "role": role, "organization": str(PARK), "school_year": "2026-27", **more}
    return {"type": "role_assignment", "id": "new", "properties": given}


async def test_only_permissions_of_giving_roles_answer_questions_of_roles(hallpass: Api) -> None:
    role = new("test-administrator")
    assert (await hallpass.evaluate(user("site"), assigning(), role))["decision"] is True
    for other in ("toms:windows:view", "hallpass:users:view", "cers:results:view"):
        for asked in (role, new("test-administrator", user=NOBODY)):
            found = await hallpass.evaluate(user("site"), assigning(other), asked)
            assert (found["decision"], found["context"]["reason"]) == (False, "no-assignment"), other


async def test_a_role_of_somebody_unseen_is_answered_as_a_role_of_nobody(
    person_api: AsApi, connection: Connection
) -> None:
    asking = await person_api("site")

    async def told(who: object) -> dict[str, Any]:
        found = await asking.evaluate(user("site"), assigning(), new("test-administrator", user=str(who)))
        return {**found, "context": {**found["context"], "decision_id": ""}}

    nobody = await told(NOBODY)
    assert nobody["decision"] is False
    assert await told(user_id("far-teacher")) == nobody
    async with connection.transaction():
        await connection.execute("update users set status = 'suspended' where id = $1", user_id("far-teacher"))
        await raise_versions(connection, [user_id("far-teacher")])
    assert await told(user_id("far-teacher")) == nobody


async def test_roles_of_the_upcoming_year_are_given_as_delegation_says(person_api: AsApi) -> None:
    asking, designate = await person_api("superintendent"), assigning("hallpass:coordinators:designate")
    ahead = new("lea-coordinator", organization=str(LEA), school_year=NEXT_YEAR)
    assert (await asking.evaluate(user("superintendent"), designate, ahead))["decision"] is True
    later = new("lea-coordinator", organization=str(LEA), school_year="2029-30")
    assert (await asking.evaluate(user("superintendent"), designate, later))["decision"] is False
    current = {"name": designate["name"], "properties": {"change": "assign", "school_year": "2026-27"}}
    assert (await asking.evaluate(user("superintendent"), current, ahead))["decision"] is False


async def test_the_state_s_own_roles_do_not_act_through_a_union_client(hallpass: Api, connection: Connection) -> None:
    await person(connection, "helper")
    await give(connection, "helper", "help-desk", STATE, ProgramCode("state"), SchoolYear(""))
    view = {"name": "hallpass:users:view"}
    assert (await hallpass.evaluate(user("helper"), view, AT_PARK))["decision"] is False
    named = {**user("helper"), "properties": {"active_role": {"program": "state", "role": "help-desk"}}}
    assert (await hallpass.evaluate(named, view, AT_PARK))["decision"] is True


@pytest.mark.parametrize("year", ["1", "2026", "2026 - 27", "2025-27", "banana"])
async def test_what_is_no_school_year_is_no_earlier_one(hallpass: Api, year: str) -> None:
    def view(school_year: str) -> dict[str, Any]:
        return {"name": "cers:results:view", "properties": {"assessment": "summative", "school_year": school_year}}

    assert (await hallpass.evaluate(user("primary"), view("2024-25"), AT_PARK))["decision"] is True
    assert (await hallpass.evaluate(user("primary"), view(year), AT_PARK))["decision"] is False


async def test_a_search_for_subjects_finds_those_of_a_group_that_the_system_holds(hallpass: Api) -> None:
    group = {"type": "student_group", "id": "cers-77", "properties": {"organization": PARK_CODE}}
    action = {"name": "cers:results:view", "properties": {"assessment": "summative"}}
    body = {"subject": {"type": "user"}, "action": action, "resource": group, "page": {"limit": 100}}
    found = {one["id"] for one in (await hallpass.answer("search/subject", body))["results"]}
    people = sorted({name for name, *_ in ROLES})
    answers = [(await hallpass.evaluate(user(name), action, group))["decision"] for name in people]
    assert found == {str(user_id(name)) for name, yes in zip(people, answers, strict=True) if yes}
    assert found


async def test_empty_texts_are_refused_and_never_read_as_left_out(as_person: AsCaller) -> None:
    asking = await as_person("site")
    check = {"permission": "hallpass:users:manage", "organization": {"id": str(PARK)}}
    for name in ("subject", "program", "schoolYear", "assessment", "report"):
        assert codes(await asking.ask(DECIDE, checks=[{**check, name: ""}])) == [("BAD_USER_INPUT", ["decideMany"])], (
            name
        )
    role = {
        "change": "ASSIGN", "user": "", "program": "caaspp", "role": "test-administrator",
        "organization": {"id": str(PARK)}, "schoolYear": "2026-27",
    }  # fmt: skip
    answer = await asking.ask(DECIDE, checks=[{"permission": "hallpass:users:manage", "roleAssignment": role}])
    assert codes(answer) == [("BAD_USER_INPUT", ["decideMany"])]


async def test_a_school_that_a_person_names_for_a_student_is_her_word(as_person: AsCaller) -> None:
    student = {"id": "9999999999", "organization": {"id": str(PARK)}}
    checks = [{"permission": "toms:student-tests:view", "student": student}]
    found = (await (await as_person("teacher")).data(DECIDE, checks=checks))["decideMany"]
    assert found == [{"allowed": True, "asserted": True}]


@pytest.mark.parametrize(
    "student", [{"id": {"a": "8123456789"}}, {"id": 8123456789.5}, "8123456789", ["8123456789"], {"id": ["8123456789"]}]
)
async def test_a_student_s_number_is_not_in_errors_about_variables(as_person: AsCaller, student: Any) -> None:
    asking = await as_person("site")
    document = """query ($student: StudentRef!) {
        decide(check: {permission: "toms:student-tests:view", student: $student}) { allowed } }"""
    answer = await asking.post(document, student=student)
    assert "errors" in answer.json()
    assert "8123456789" not in answer.text


async def test_ids_of_nobody_and_nothing_are_not_logged(
    hallpass: Api, gateway: Gateway, pool: Pool, connection: Connection
) -> None:
    shaped = "00000000-0000-4000-8000-008123456789"
    manage = {"name": "hallpass:users:manage"}
    for subject, resource in (
        ({"type": "user", "id": shaped}, AT_PARK),
        (user("site"), {"type": "student_group", "id": shaped}),
        (user("site"), {"type": "user", "id": shaped}),
    ):
        await hallpass.evaluate(subject, manage, resource)
    remove = {"name": "hallpass:users:manage", "properties": {"change": "remove"}}
    await hallpass.evaluate(user("site"), remove, {"type": "role_assignment", "id": shaped})
    await gateway.decision_log.flush(pool)
    rows = [row["row"] for row in await connection.fetch("select l::text as row from decision_log l")]
    assert len(rows) == 4
    assert all("8123456789" not in row for row in rows)


async def test_a_batch_that_breaks_in_an_unknown_way_is_counted_and_the_log_goes_on(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError

    log = DecisionLog()
    log.take(None)  # type: ignore[arg-type]
    monkeypatch.setattr("gateway.decisions.log.write_decisions", broken)
    await log.flush(pool)
    assert (log.written, log.dropped) == (0, 1)


async def test_a_full_memory_of_places_takes_nothing_from_questions_that_are_judged(
    hallpass: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision_memory, "MOST_PLACES", 1)
    view = {"name": "thss:responses:view", "properties": {"assessment": "interim"}}
    for where in (PARK_CODE, "school:none", "school:19647331930001", "school:no", PARK_CODE):
        found = await hallpass.evaluate(user("site"), view, {"type": "organization", "id": where})
        assert found["decision"] is (where == PARK_CODE), where
    memory = decision_memory.DecisionMemory()
    places = memory.at_epoch(1)
    here = [Organization(OrganizationId(UUID(int=number)), Level.SCHOOL, str(number), "", None) for number in range(3)]
    for one in here:
        places.add([one], [one.id])
    assert all(places.get(one.id) is one for one in here)
    assert memory.at_epoch(1) is not places


async def test_by_another_s_reach_nobody_learns_of_people_whom_she_may_not_see(person_api: AsApi) -> None:
    """A superintendent sees the LEA's coordinators, and not the teachers whom these see."""
    asking, view = await person_api("superintendent"), {"name": "hallpass:users:view"}
    own = await asking.evaluate(user("superintendent"), view, user("teacher"))
    assert own["decision"] is False

    async def told(who: str, action: dict[str, Any], resource: dict[str, Any]) -> dict[str, Any]:
        found = await asking.evaluate(user(who), action, resource)
        return {**found, "context": {**found["context"], "decision_id": ""}}

    nobody = await told("primary", view, {"type": "user", "id": NOBODY})
    assert nobody["context"]["reason"] == "not-this-organization"
    assert await told("primary", view, user("teacher")) == nobody
    assert (await told("primary", view, user("additional")))["decision"] is True
    role = new("test-examiner", user=str(user_id("teacher")))
    assert await told("primary", assigning(), role) == await told(
        "primary", assigning(), {**role, "properties": {**role["properties"], "user": NOBODY}}
    )
    body = {"subject": user("primary"), "action": view, "resource": {"type": "user"}, "page": {"limit": 100}}
    found = {one["id"] for one in (await asking.answer("search/resource", body))["results"]}
    assert {str(user_id("additional")), str(user_id("primary"))} <= found
    assert str(user_id("teacher")) not in found


@pytest.mark.parametrize(
    "more", [{"user": NOBODY}, {"program": "elpac"}, {"role": "x"}, {"organization": {"id": NOBODY}}]
)
async def test_what_a_held_role_is_said_to_be_beside_its_id_is_refused(
    as_person: AsCaller, more: dict[str, Any]
) -> None:
    held = str(assignment_id("teacher", "test-administrator", PARK))
    role = {"change": "REMOVE", "id": held}
    asking, manage = await as_person("site"), {"permission": "hallpass:users:manage"}
    assert (await asking.data(DECIDE, checks=[{**manage, "roleAssignment": role}]))["decideMany"][0]["allowed"]
    answer = await asking.ask(DECIDE, checks=[{**manage, "roleAssignment": {**role, **more}}])
    assert codes(answer) == [("BAD_USER_INPUT", ["decideMany"])]
