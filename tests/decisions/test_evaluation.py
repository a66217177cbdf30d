"""`/access/v1/evaluation` (AuthZEN 6): each kind of question, and every refusal."""

from typing import Any

import httpx2
import pytest

from store.database import Connection
from tests.decisions.conftest import Api, AsApi
from tests.graphql.world import BEACH, HILL, LEA, PARK, ROSTER, Caller, assignment_id, user_id

PARK_CODE = "school:19647331930000"
TEACHER = {"type": "user", "id": str(user_id("teacher"))}
SITE = {"type": "user", "id": str(user_id("site"))}
SCORE, VIEW = {"name": "thss:responses:score"}, {"name": "thss:responses:view"}
MANAGE, WINDOWS = {"name": "hallpass:users:manage"}, {"name": "toms:windows:view"}
RESULTS = {"name": "cers:results:view", "properties": {"assessment": "summative"}}


def at(where: object) -> dict[str, str]:
    return {"type": "organization", "id": str(where)}


def acting(role: str, program: str = "caaspp", **more: Any) -> dict[str, Any]:
    return {"active_role": {"program": program, "role": role, "school_year": "2026-27", **more}}


async def test_a_system_is_told_decision_reason_id_and_version_alone(thss: Api) -> None:
    found = await thss.evaluate(SITE, VIEW | {"properties": {"assessment": "interim"}}, at(PARK_CODE))
    assert found["decision"] is True
    assert set(found["context"]) == {"reason", "decision_id", "access_version"}
    assert found["context"]["reason"] == "granted"
    by_id = await thss.evaluate(SITE, VIEW | {"properties": {"assessment": "interim"}}, at(PARK))
    assert by_id["decision"] is True
    assert by_id["context"]["access_version"] == found["context"]["access_version"]
    assert by_id["context"]["decision_id"] != found["context"]["decision_id"]


async def test_a_person_is_told_why(person_api: AsApi) -> None:
    asking = await person_api("site")
    allowed = await asking.evaluate(SITE, MANAGE, at(PARK_CODE))
    assert allowed["decision"] is True
    assert allowed["context"]["grant"]["organization"] == PARK_CODE
    unsigned = {"type": "user", "id": str(user_id("unsigned"))}
    denied = await asking.evaluate(unsigned, WINDOWS, at(PARK_CODE))
    assert (denied["decision"], denied["context"]["reason"]) == (False, "steps-missing")
    assert denied["context"]["missing"] == [{"kind": "form", "name": "security-affidavit"}]
    assert "steps" in denied["context"]["explanation"]


@pytest.mark.parametrize(
    "where", [BEACH, "00000000-0000-4000-8000-000000000000", "school:no", "lea", "x:y:z", "köln:1"]
)
@pytest.mark.checklist("54 decisions")
async def test_unknown_and_unreachable_places_are_answered_alike(person_api: AsApi, where: object) -> None:
    found = await (await person_api("site")).evaluate(SITE, MANAGE, at(where))
    assert (found["decision"], found["context"]["reason"]) == (False, "not-this-organization")


@pytest.mark.parametrize("who", [user_id("far-teacher"), "00000000-0000-4000-8000-000000000000", "nobody", "0" * 900])
@pytest.mark.checklist("54 decisions")
async def test_unknown_and_unreachable_people_are_answered_alike(person_api: AsApi, who: object) -> None:
    found = await (await person_api("site")).evaluate({"type": "user", "id": str(who)}, WINDOWS, at(PARK))
    assert found["decision"] is False
    assert found["context"].keys() == {"reason", "decision_id", "explanation"}
    assert found["context"]["reason"] == "no-assignment"


async def test_section_10_a_system_asks_about_its_own_permissions_and_those_who_have_something_in_it(
    thss: Api, hallpass: Api
) -> None:
    del hallpass
    superintendent = {"type": "user", "id": str(user_id("superintendent"))}
    for subject, action, reason in (
        (SITE, {"name": "dei:responses:enter"}, "not-your-system"),
        (superintendent, VIEW, "no-assignment"),
        ({"type": "client", "id": "scoring"}, VIEW, "no-assignment"),
    ):
        found = await thss.evaluate(subject, action, at(PARK))
        assert (found["decision"], found["context"]["reason"]) == (False, reason), action


async def test_section_10_an_active_role_client_names_the_role(cers: Api, thss: Api) -> None:
    missing = await cers.evaluate(SITE, RESULTS, at(PARK))
    assert (missing["decision"], missing["context"]["reason"]) == (False, "active-role-missing")
    named = SITE | {"properties": acting("site-coordinator")}
    assert (await cers.evaluate(named, RESULTS, at(PARK)))["decision"] is True
    other = SITE | {"properties": acting("lea-coordinator")}
    assert (await cers.evaluate(other, RESULTS, at(PARK)))["decision"] is False
    elsewhere = SITE | {"properties": acting("site-coordinator", organizations=["school:19647331930001"])}
    assert (await cers.evaluate(elsewhere, RESULTS, at(PARK)))["decision"] is False
    claimed = SITE | {"properties": acting("site-coordinator", organizations=[PARK_CODE])}
    assert (await cers.evaluate(claimed, RESULTS, at(PARK)))["decision"] is True
    union = await thss.evaluate(SITE, VIEW | {"properties": {"assessment": "interim"}}, at(PARK))
    assert union["decision"] is True


async def test_responses_are_scored_by_whom_the_system_assigned_them_to(thss: Api, person_api: AsApi) -> None:
    action = SCORE | {"properties": {"assessment": "interim"}}
    response = {"type": "response", "id": "r-1", "properties": {"organization": PARK_CODE}}
    mine = {**response, "properties": {"organization": PARK_CODE, "assigned_to": TEACHER["id"]}}
    found = await thss.evaluate(TEACHER, action, mine)
    assert (found["decision"], found["context"]["asserted"]) == (True, True)
    assert (await thss.evaluate(TEACHER, action, response))["decision"] is False
    other = {**response, "properties": {"organization": PARK_CODE, "assigned_to": SITE["id"]}}
    assert (await thss.evaluate(TEACHER, action, other))["decision"] is False
    elsewhere = {**response, "properties": {"organization": str(HILL), "assigned_to": TEACHER["id"]}}
    assert (await thss.evaluate(TEACHER, action, elsewhere))["decision"] is False
    own_word = await (await person_api("teacher")).evaluate(TEACHER, action, mine)
    assert own_word["decision"] is False


async def test_groups_that_a_system_holds_itself_are_asserted(hallpass: Api) -> None:
    held = {"type": "student_group", "id": "cers-77", "properties": {"organization": PARK_CODE}}
    found = await hallpass.evaluate(TEACHER, RESULTS, held)
    assert (found["decision"], found["context"]["asserted"]) == (True, True)
    elsewhere = {**held, "properties": {"organization": str(HILL)}}
    assert (await hallpass.evaluate(TEACHER, RESULTS, elsewhere))["context"]["reason"] == "no-roster"
    unplaced = {"type": "student_group", "id": "cers-77"}
    assert (await hallpass.evaluate(TEACHER, RESULTS, unplaced))["decision"] is False
    ours = {"type": "student_group", "id": str(ROSTER)}
    assert (await hallpass.evaluate(SITE, {"name": "hallpass:student-groups:manage"}, ours))["decision"] is True
    unknown = {"type": "student_group", "id": "no-such", "properties": {"organization": PARK_CODE}}
    assert (await hallpass.evaluate(SITE, {"name": "hallpass:student-groups:manage"}, unknown))["decision"] is False


async def test_students_are_asked_about_with_their_school(hallpass: Api) -> None:
    action = {"name": "toms:student-tests:view"}
    student = {"type": "student", "id": "9999999999", "properties": {"organization": PARK_CODE}}
    found = await hallpass.evaluate(TEACHER, action, student)
    assert (found["decision"], found["context"]["asserted"]) == (True, True)
    assert (await hallpass.evaluate(TEACHER, action, {"type": "student", "id": "9999999999"}))["decision"] is False
    unknown = {**student, "properties": {"organization": "school:none"}}
    assert (await hallpass.evaluate(TEACHER, action, unknown))["decision"] is False


async def test_a_student_s_number_goes_nowhere(
    hallpass: Api, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    student = {"type": "student", "id": "8123456789", "properties": {"organization": PARK_CODE}}
    body = {"subject": TEACHER, "action": {"name": "toms:student-tests:view"}, "resource": student}
    assert "8123456789" not in (await hallpass.post("evaluation", body)).text
    assert "8123456789" not in (await hallpass.post("evaluation", {**body, "action": {"name": "no"}})).text
    assert "8123456789" not in caplog.text
    audited = await connection.fetchval("select coalesce(string_agg(e::text, ' '), '') from audit_events e")
    assert "8123456789" not in audited


async def test_people_as_targets(person_api: AsApi) -> None:
    asking = await person_api("site")
    shared = {"type": "user", "id": str(user_id("shared"))}
    assert (await asking.evaluate(SITE, MANAGE, shared))["decision"] is True
    every = {**shared, "properties": {"match": "all"}}
    assert (await asking.evaluate(SITE, MANAGE, every))["decision"] is False
    for gone in (user_id("far-teacher"), "00000000-0000-4000-8000-000000000000", "x"):
        found = await asking.evaluate(SITE, MANAGE, {"type": "user", "id": str(gone)})
        assert (found["decision"], found["context"]["reason"]) == (False, "not-this-organization")


async def test_s1_20_and_s1_21_test_sessions(hallpass: Api) -> None:
    lead = {"type": "user", "id": str(user_id("elpac-lead"))}
    action = {"name": "tds:summative:administer", "properties": {"assessment": "summative", "program": "elpac"}}

    async def ask(*where: object, **properties: Any) -> tuple[bool, str]:
        given = {"organizations": [str(one) for one in where], "students": 12, "domain": "writing", **properties}
        found = await hallpass.evaluate(lead, action, {"type": "test_session", "id": "s-1", "properties": given})
        return found["decision"], found["context"]["reason"]

    assert await ask(PARK, HILL, grade_band="3-5") == (True, "granted")
    assert await ask(PARK, BEACH, grade_band="3-5") == (False, "not-this-organization")
    assert await ask(PARK, "school:none", grade_band="3-5") == (False, "not-this-organization")
    assert await ask(PARK, grade_band="K–2") == (False, "against-a-rule")
    assert await ask(PARK, grade_band="K-2", students=1) == (True, "granted")
    assert await ask(PARK, grade_band="3-5", domain="speaking") == (False, "against-a-rule")
    assert await ask(PARK) == (False, "against-a-rule")


async def test_role_assignments_follow_delegation(person_api: AsApi) -> None:
    primary, site = await person_api("primary"), await person_api("site")
    lead = {"type": "user", "id": str(user_id("primary"))}
    assign = {"name": "hallpass:users:manage", "properties": {"change": "assign"}}

    def new(role: str, where: object, **more: Any) -> dict[str, Any]:
        given = {"program": "caaspp", "role": role, "organization": str(where), "school_year": "2026-27", **more}
        return {"type": "role_assignment", "id": "new", "properties": given}

    async def ask(api: Api, who: Any, action: Any, resource: Any) -> tuple[bool, str]:
        found = await api.evaluate(who, action, resource)
        return found["decision"], found["context"]["reason"]

    assert await ask(site, SITE, assign, new("test-administrator", PARK)) == (True, "granted")
    assert await ask(site, SITE, assign, new("test-administrator", HILL)) == (False, "not-this-organization")
    assert await ask(site, SITE, assign, new("test-administrator", "school:no")) == (False, "not-this-organization")
    assert await ask(site, SITE, assign, new("site-coordinator", PARK)) == (False, "against-a-rule")
    held = new("test-administrator", PARK, user=str(user_id("colleague")))
    assert await ask(site, SITE, assign, held) == (False, "against-a-rule")
    unseen = new("test-administrator", PARK, user=str(user_id("far-teacher")))
    assert await ask(site, SITE, assign, unseen) == (False, "not-this-organization")
    remove = {"name": "hallpass:users:manage", "properties": {"change": "remove"}}
    own = {"type": "role_assignment", "id": str(assignment_id("site", "site-coordinator", PARK))}
    assert await ask(site, SITE, remove, own) == (False, "against-a-rule")
    teacher = {"type": "role_assignment", "id": str(assignment_id("teacher", "test-administrator", PARK))}
    assert await ask(site, SITE, remove, teacher) == (True, "granted")
    for gone in (assignment_id("far-teacher", "test-administrator", BEACH), "00000000-0000-4000-8000-000000000000"):
        found = await ask(site, SITE, remove, {"type": "role_assignment", "id": str(gone)})
        assert found == (False, "not-this-organization")
    designate = {"name": "hallpass:coordinators:designate", "properties": {"change": "designate"}}
    other = {"type": "role_assignment", "id": str(assignment_id("additional", "lea-coordinator", LEA))}
    assert (await ask(primary, lead, designate, other))[0] is False
    above = await person_api("superintendent")
    who = {"type": "user", "id": str(user_id("superintendent"))}
    assert await ask(above, who, designate, other) == (True, "granted")


async def test_systems_are_opened(hallpass: Api, thss: Api) -> None:
    assert (await hallpass.evaluate(TEACHER, {"name": "open"}, {"type": "system", "id": "thss"}))["decision"] is True
    other = await thss.evaluate(TEACHER, {"name": "open"}, {"type": "system", "id": "dei"})
    assert (other["decision"], other["context"]["reason"]) == (False, "not-your-system")


async def test_properties_narrow_and_never_widen(person_api: AsApi) -> None:
    asking = await person_api("site")
    for properties, allowed in (
        ({"program": "caaspp", "school_year": "2026-27"}, True),
        ({"program": "elpac"}, False),
        ({"school_year": "2030-31"}, False),
        ({"program": None}, True),
    ):
        found = await asking.evaluate(SITE, MANAGE | {"properties": properties}, at(PARK))
        assert found["decision"] is allowed, properties


async def test_at_least_a_version(thss: Api, connection: Connection) -> None:
    action = VIEW | {"properties": {"assessment": "interim"}}
    seen = (await thss.evaluate(SITE, action, at(PARK)))["context"]["access_version"]
    found = await thss.evaluate(
        SITE, action, at(PARK), context={"at_least_version": seen, "time": "1985-10-26T01:22-07:00"}
    )
    assert found["decision"] is True
    body = {"subject": SITE, "action": action, "resource": at(PARK)}
    for forged in ("", "0", "f" * 16, 7, "x" * 5000):
        assert (await thss.refusal("evaluation", {**body, "context": {"at_least_version": forged}}))[0] == 400, forged


GOOD: dict[str, Any] = {"subject": SITE, "action": VIEW, "resource": at(PARK)}
WRONG: list[tuple[str, Any]] = [
    ("subject is missing", {**GOOD, "subject": None}),
    ("subject must be", {**GOOD, "subject": "site"}),
    ("subject.type is missing", {**GOOD, "subject": {"id": "x"}}),
    ("subject.type is 'group'", {**GOOD, "subject": {"type": "group", "id": "x"}}),
    ("subject.id is missing", {**GOOD, "subject": {"type": "user"}}),
    ("subject.id must be", {**GOOD, "subject": {"type": "user", "id": 7}}),
    ("subject.id must be", {**GOOD, "subject": {"type": "user", "id": ""}}),
    ("unknown member 'name'", {**GOOD, "subject": {**SITE, "name": "x"}}),
    ("unknown member 'department'", {**GOOD, "subject": {**SITE, "properties": {"department": "x"}}}),
    ("active_role must be", {**GOOD, "subject": {**SITE, "properties": {"active_role": "x"}}}),
    ("active_role.role is missing", {**GOOD, "subject": {**SITE, "properties": {"active_role": {"program": "x"}}}}),
    ("action is missing", {key: value for key, value in GOOD.items() if key != "action"}),
    ("no permission", {**GOOD, "action": {"name": "can_read"}}),
    ("unknown member 'scope'", {**GOOD, "action": {**VIEW, "properties": {"scope": "x"}}}),
    ("action.properties.program must be", {**GOOD, "action": {**VIEW, "properties": {"program": ["x"]}}}),
    ("action.properties.change is", {**GOOD, "action": {**VIEW, "properties": {"change": "give"}}}),
    ("belong together", {**GOOD, "action": {**VIEW, "properties": {"change": "assign"}}}),
    ("belong together", {**GOOD, "action": {"name": "open"}}),
    ("belong together", {**GOOD, "resource": {"type": "system", "id": "thss"}}),
    ("belong together", {**GOOD, "resource": {"type": "role_assignment", "id": "x"}}),
    ("resource is missing", {**GOOD, "resource": None}),
    ("resource.type is 'account'", {**GOOD, "resource": {"type": "account", "id": "1"}}),
    ("resource.id is missing", {**GOOD, "resource": {"type": "organization"}}),
    ("resource.id must be", {**GOOD, "resource": {"type": "organization", "id": "school:\0"}}),
    ("unknown member 'code'", {**GOOD, "resource": {**at(PARK), "properties": {"code": "x"}}}),
    (
        "students must be",
        {**GOOD, "resource": {"type": "test_session", "id": "1", "properties": {"organizations": ["x"]}}},
    ),
    ("students must be", {**GOOD, "resource": {"type": "test_session", "id": "1", "properties": {"students": True}}}),
    ("organizations must be", {**GOOD, "resource": {"type": "test_session", "id": "1", "properties": {"students": 1}}}),
    ("organization is missing", {**GOOD, "resource": {"type": "response", "id": "1"}}),
    ("match must be", {**GOOD, "resource": {"type": "user", "id": "1", "properties": {"match": "some"}}}),
    ("context must be", {**GOOD, "context": []}),
]


@pytest.mark.parametrize(("sentence", "body"), WRONG, ids=[f"{n}: {text}" for n, (text, _) in enumerate(WRONG)])
async def test_what_cannot_be_understood_is_a_400_with_one_sentence(thss: Api, sentence: str, body: Any) -> None:
    status, told = await thss.refusal("evaluation", body)
    assert status == 400
    assert sentence in told


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 5000, b'{"subject": NaN}'])
async def test_bodies_that_are_no_json_object(thss: Api, content: bytes) -> None:
    headers = {**thss.caller.headers, "Content-Type": "application/json"}
    answer = await thss.caller.http.post("/access/v1/evaluation", content=content, headers=headers)
    assert answer.status_code == 400


async def test_content_type_origin_and_method(thss: Api) -> None:
    http, headers = thss.caller.http, thss.caller.headers
    plain = await http.post("/access/v1/evaluation", content=b"{}", headers={**headers, "Content-Type": "text/plain"})
    assert plain.status_code == 400
    foreign = await thss.post("evaluation", GOOD, Origin="https://evil.example")
    assert foreign.status_code == 403
    assert (await http.get("/access/v1/evaluation", headers=headers)).status_code == 405


async def test_callers_without_good_credentials(http: httpx2.AsyncClient, signed_out: Caller) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        answer = await Api(Caller(http, headers)).post("evaluation", GOOD)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert isinstance(answer.json(), str)
    del signed_out


async def test_a_valid_request_id_is_echoed(thss: Api) -> None:
    number = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    assert (await thss.post("evaluation", GOOD, **{"X-Request-ID": number})).headers["x-request-id"] == number
    assert (await thss.post("evaluation", {}, **{"X-Request-ID": number})).headers["x-request-id"] == number
    assert (await thss.post("evaluation", GOOD, **{"X-Request-ID": "a b"})).headers["x-request-id"] != "a b"
