"""`decide`, `decideMany` and `explain`: the same question as everywhere, with what each caller may know."""

from typing import Any

import pytest

from store.access_version import AccessVersion
from store.database import Connection
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, LEA, PARK, ROSTER, Caller, codes, user_id

DECIDE = """query ($checks: [Check!]!) { decideMany(checks: $checks) {
    id allowed reason explanation accessVersion grant { permission role basis organization { name } }
    missing { kind name } } }"""
EXPLAIN = """query ($check: Check!) { explain(check: $check) {
    decision { allowed reason } considered { outcome grant { role } missing { kind } }
    passedOver { role { code } } givers { code assignableBy { code } } } }"""


async def decide(asking: Caller, **check: Any) -> dict[str, Any]:
    return (await asking.data(DECIDE, checks=[check]))["decideMany"][0]


def at(where: Any) -> dict[str, Any]:
    return {"organization": {"id": str(where)}}


async def test_a_person_asks_about_herself(as_person: AsCaller) -> None:
    asking = await as_person("site")
    allowed = await decide(asking, permission="hallpass:users:manage", **at(PARK))
    assert (allowed["allowed"], allowed["reason"]) == (True, "GRANTED")
    assert allowed["grant"] == {
        "permission": "hallpass:users:manage", "role": "site-coordinator", "basis": "S1, Table 2",
        "organization": {"name": "Park Elementary"},
    }  # fmt: skip
    assert "site-coordinator at Park Elementary" in allowed["explanation"]
    denied = await decide(asking, permission="hallpass:users:manage", **at(BEACH))
    assert (denied["allowed"], denied["reason"]) == (False, "NOT_THIS_ORGANIZATION")
    assert denied["accessVersion"] == allowed["accessVersion"]
    assert denied["id"] != allowed["id"]


async def test_what_is_not_there_is_answered_as_what_is_not_reached(as_person: AsCaller) -> None:
    asking = await as_person("site")
    there = await decide(asking, permission="hallpass:users:manage", **at(BEACH))
    gone = await decide(asking, permission="hallpass:users:manage", **at("00000000-0000-4000-8000-000000000000"))
    assert (gone["allowed"], gone["reason"]) == (there["allowed"], there["reason"])


async def test_targets_are_organizations_groups_students_and_people(as_person: AsCaller) -> None:
    site, teacher = await as_person("site"), await as_person("teacher")
    person = {"permission": "hallpass:users:view", "targetUser": str(user_id("colleague"))}
    assert (await decide(site, **person))["allowed"] is True
    assert (await decide(site, **person | {"targetUser": str(user_id("hill-site"))}))["allowed"] is False
    group = {"permission": "hallpass:student-groups:manage", "studentGroup": str(ROSTER)}
    assert (await decide(site, **group))["allowed"] is True
    assert (await decide(teacher, **group))["allowed"] is False
    code = {"code": {"level": "SCHOOL", "code": "19647331930000"}}
    student = {"permission": "toms:student-tests:view", "student": {"id": "9999999999", "organization": code}}
    assert (await decide(teacher, **student))["allowed"] is True


@pytest.mark.parametrize("targets", [{}, {"studentGroup": str(ROSTER), **at(PARK)}])
async def test_a_check_is_about_one_thing(as_person: AsCaller, targets: dict[str, Any]) -> None:
    answer = await (await as_person("site")).ask(DECIDE, checks=[{"permission": "hallpass:users:view", **targets}])
    assert codes(answer) == [("BAD_USER_INPUT", ["decideMany"])]


async def test_properties_narrow_and_never_widen(as_person: AsCaller) -> None:
    asking = await as_person("site")
    check = {"permission": "hallpass:users:view", **at(PARK)}
    assert (await decide(asking, **check, program="caaspp", schoolYear="2026-27"))["allowed"] is True
    assert (await decide(asking, **check, program="elpac"))["allowed"] is False
    assert (await decide(asking, **check, schoolYear="2027-28"))["allowed"] is False
    other = {"program": "caaspp", "role": "lea-coordinator", "schoolYear": "2026-27"}
    assert (await decide(asking, **check, actingAs=other))["allowed"] is False
    results = {"permission": "cers:results:view", **at(PARK)}
    assert (await decide(asking, **results, assessment="summative"))["allowed"] is True
    assert (await decide(asking, **results, assessment="unheard-of"))["allowed"] is False


async def test_about_others_within_reach_the_whole_explanation(as_person: AsCaller) -> None:
    asking = await as_person("site")
    unsigned = {"subject": str(user_id("unsigned")), "permission": "toms:windows:view", **at(PARK)}
    denied = await decide(asking, **unsigned)
    assert (denied["reason"], denied["missing"]) == (
        "STEPS_MISSING", [{"kind": "FORM", "name": "security-affidavit"}],
    )  # fmt: skip
    found = (await asking.data(EXPLAIN, check=unsigned))["explain"]
    assert found["decision"] == {"allowed": False, "reason": "STEPS_MISSING"}
    assert found["considered"] == [
        {"outcome": "STEPS_MISSING", "grant": {"role": "test-administrator"}, "missing": [{"kind": "FORM"}]}
    ]
    assert {"code": "lea-coordinator", "assignableBy": [{"code": "superintendent"}, {"code": "lea-coordinator"}]} in (
        found["givers"]
    )


async def test_another_program_s_roles_of_a_shared_person_are_not_explained(as_person: AsCaller) -> None:
    check = {"subject": str(user_id("shared")), "permission": "tds:interface:open", **at(PARK)}
    for name, seen in (("site", ["caaspp"]), ("elpac-lead", ["elpac"])):
        found = await (await as_person(name)).data(EXPLAIN.replace("grant { role }", "grant { program }"), check=check)
        assert [one["grant"]["program"] for one in found["explain"]["considered"]] == seen


async def test_explain_is_silent_about_people_out_of_sight_and_closed_to_systems(
    as_person: AsCaller, as_system: Caller
) -> None:
    check = {"subject": str(user_id("far-teacher")), "permission": "cers:results:view", **at(LEA)}
    assert await (await as_person("primary")).data(EXPLAIN, check=check) == {"explain": None}
    assert codes(await as_system.ask(EXPLAIN, check=check)) == [("UNAUTHORIZED_FIELD_OR_TYPE", ["explain"])]


async def test_at_least_takes_only_versions_that_were_given_out(as_person: AsCaller) -> None:
    asking = await as_person("site")
    document = """query ($check: Check!, $atLeast: AccessVersion) {
        decide(check: $check, atLeast: $atLeast) { allowed } viewer { accessVersion } }"""
    check = {"permission": "hallpass:users:view", **at(PARK)}
    version = (await asking.data(document, check=check))["viewer"]["accessVersion"]
    assert (await asking.data(document, check=check, atLeast=version))["decide"] == {"allowed": True}
    later = AccessVersion(AccessVersion.of(version).number + 1000).text
    for forged in ("", "0", "f" * 16, version + "0", "x" * 5000, later):
        answer = await asking.ask(document, check=check, atLeast=forged)
        assert codes(answer) == [("BAD_USER_INPUT", ["decide"])], forged


async def test_at_most_a_hundred_checks_at_once(as_person: AsCaller) -> None:
    asking = await as_person("site")
    check = {"permission": "hallpass:users:view", **at(PARK)}
    assert len((await asking.data(DECIDE, checks=[check] * 100))["decideMany"]) == 100
    answer = await asking.ask(DECIDE, checks=[check] * 101)
    assert codes(answer) == [("BAD_USER_INPUT", ["decideMany"])]


async def test_a_student_s_number_is_nowhere_in_the_answer_or_the_database(
    as_person: AsCaller, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    asking = await as_person("site")
    code = {"code": {"level": "SCHOOL", "code": "no such"}}
    checks = [{"permission": "toms:student-tests:view", "student": {"id": "8123456789", "organization": code}}]
    response = await asking.post(DECIDE, checks=checks)
    assert response.status_code == 200
    assert "8123456789" not in response.text
    assert "8123456789" not in caplog.text
    audited = await connection.fetchval("select coalesce(string_agg(e::text, ' '), '') from audit_events e")
    assert "8123456789" not in audited
