"""`explain`: every role with its reason, who gave it, what to do and who could; and nothing that types don't show."""

import json
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette

from policy.ids import OrganizationId, UserId
from store.access_version import raise_versions
from store.connection import Connection
from store.database import Pool
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.test_query_count import counted
from tests.graphql.world import (
    BEACH,
    ELPAC,
    HILL,
    LEA,
    OTHER_ROSTER,
    PARK,
    ROSTER,
    Caller,
    assignment_id,
    give,
    person,
    user_id,
)

PEOPLE = "people { firstName email }"
EXPLAIN = f"""query ($check: Check!) {{ explain(check: $check) {{
    decision {{ allowed reason explanation }}
    considered {{ outcome grant {{ program role organization {{ name }} }}
        stops {{ gate why remedy missing {{ kind name }} }}
        assignment {{ id assignedBy {{ firstName }} assignedUnder assignedAt }} cell {{ row basis text differs }} }}
    roles {{ outcome stops {{ gate why }} cells {{ row text basis }}
        assignment {{ id schoolYear program {{ code }} role {{ code }} organization {{ name }} }} }}
    remedies {{ gate what byHerself missing {{ kind name }} roles {{ code }} {PEOPLE} assignment {{ id }} }}
    ways {{ role {{ code program {{ code }} }} organization {{ name }} schoolYear derived steps {{ kind name }}
        assignableBy {{ primary role {{ code }} }} {PEOPLE} }} }} }}"""
WINDOWS = "toms:windows:view"
RESULTS = "cers:results:view"
GONE = "00000000-0000-4000-8000-000000000000"


async def explained(asking: Caller, **check: Any) -> Any:
    return (await asking.data(EXPLAIN, check=check))["explain"]


def at(where: Any, permission: str = WINDOWS, subject: str | None = None, **more: Any) -> dict[str, Any]:
    about = {"subject": str(user_id(subject))} if subject else {}
    return {"permission": permission, "organization": {"id": str(where)}, **about, **more}


def gates(row: Any) -> list[str]:
    return [stop["gate"] for stop in row["stops"]]


def named(found: Any) -> set[str]:
    rows = [*found["ways"], *found["remedies"]]
    return {one["firstName"] for row in rows for one in row["people"] if one}


async def changed(connection: Connection, user: UserId) -> None:
    async with connection.transaction():
        await raise_versions(connection, [user])


async def test_who_gave_it_by_the_field_rules_of_assignments(as_person: AsCaller, connection: Connection) -> None:
    for name, giver in (("colleague", "primary"), ("teacher", "site")):
        await connection.execute(
            "update role_assignments set origin = 'person', assigned_by = $1, assigned_under = 'lea-coordinator' "
            "where user_id = $2",
            user_id(giver), user_id(name),
        )  # fmt: skip
    site = await as_person("site")
    (hers,) = (await explained(site, **at(PARK, subject="colleague")))["considered"]
    assert hers["outcome"] == "GRANTED"
    assert hers["stops"] == []
    assert hers["cell"] == {
        "row": "Test administration window", "basis": "S1, Table 2", "text": "View only; site level", "differs": None,
    }  # fmt: skip
    unseen = {"assignedBy": None, "assignedUnder": "lea-coordinator", "assignedAt": "2026-11-22T12:00:00+00:00"}
    assert hers["assignment"] == {"id": str(assignment_id("colleague", "test-administrator", PARK)), **unseen}
    (other,) = (await explained(site, **at(PARK, subject="teacher")))["considered"]
    assert other["assignment"]["assignedBy"] == {"firstName": "Site"}
    (derived,) = (await explained(site, **at(PARK, subject="shared", program="caaspp")))["considered"]
    assert derived["assignment"]["assignedBy"] is None


async def test_what_is_missing_what_to_do_and_who_can(as_person: AsCaller, connection: Connection) -> None:
    await person(connection, "examiner", forms=False)
    await give(connection, "examiner", "test-examiner", PARK)
    found = await explained(await as_person("primary"), **at(PARK, subject="examiner"))
    assert found["decision"]["reason"] == "STEPS_MISSING"
    form, credential = found["remedies"]
    assert (form["gate"], form["byHerself"], form["people"], form["missing"]) == (
        "FORMS", True, [], [{"kind": "FORM", "name": "security-affidavit"}],
    )  # fmt: skip
    assert "CAASPP Test Security Affidavit" in form["what"]
    assert (credential["gate"], credential["byHerself"]) == ("CREDENTIAL", False)
    assert {role["code"] for role in credential["roles"]} >= {"site-coordinator", "lea-coordinator"}
    assert {one["firstName"] for one in credential["people"]} == {"Primary", "Additional", "Site"}
    assert credential["assignment"]["id"] == str(assignment_id("examiner", "test-examiner", PARK))


async def test_what_would_not_suffice_is_no_remedy_and_a_role_she_has_is_no_way(as_person: AsCaller) -> None:
    """Student groups never reach a whole organization; the role that lacks a form is not to be given once more."""
    lead = await as_person("primary")
    found = await explained(lead, **at(PARK, RESULTS, "colleague", assessment="interim", program="caaspp"))
    assert [gates(one) for one in found["considered"]] == [["NOT_ASSIGNED"]]
    assert found["remedies"] == []
    unsigned = await explained(lead, **at(PARK, subject="unsigned", program="caaspp"))
    assert [one["gate"] for one in unsigned["remedies"]] == ["FORMS"]
    codes = [way["role"]["code"] for way in unsigned["ways"]]
    assert "test-administrator" not in codes
    assert "test-examiner" in codes


async def test_the_invitation_and_the_student_group(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute("update users set status = 'invited' where id = $1", user_id("colleague"))
    await changed(connection, user_id("colleague"))
    found = await explained(await as_person("site"), **at(PARK, subject="colleague"))
    assert [(one["gate"], one["byHerself"]) for one in found["remedies"]] == [("INVITED", True)]
    group = {"permission": RESULTS, "assessment": "interim", "studentGroup": str(ROSTER)}
    found = await explained(await as_person("site"), subject=str(user_id("shared")), **group)
    (remedy,) = found["remedies"]
    assert remedy["gate"] == "NOT_ASSIGNED"
    assert {one["firstName"] for one in remedy["people"]} == {"Site"}


async def test_who_could_give_it_by_name_as_far_as_the_asker_sees(as_person: AsCaller) -> None:
    check = at(PARK, "toms:windows:edit", "colleague", program="caaspp")
    lead = await explained(await as_person("primary"), **check)
    (coordinator,) = [way for way in lead["ways"] if way["role"]["code"] == "lea-coordinator"]
    assert coordinator["organization"] == {"name": "Valley Unified"}
    assert coordinator["assignableBy"] == [
        {"primary": False, "role": {"code": "superintendent"}}, {"primary": True, "role": {"code": "lea-coordinator"}},
    ]  # fmt: skip
    assert {one["firstName"] for one in coordinator["people"]} == {"Primary", "Superintendent"}
    assert [step["kind"] for step in coordinator["steps"]] == ["FORM", "FORM"]
    site = await explained(await as_person("site"), **check)
    assert named(site) == set()
    assert "Valley" not in json.dumps(site)


async def test_nobody_is_named_who_can_t_do_it(as_person: AsCaller, connection: Connection) -> None:
    """An additional coordinator gives no coordinator; one who hasn't signed gives nothing; nobody helps herself."""
    lead = await as_person("primary")
    check = at(PARK, RESULTS, "teacher", program="caaspp", assessment="summative")
    assert named(await explained(lead, **check)) == {"Superintendent", "Primary", "Additional", "Site"}
    await connection.execute("delete from signed_forms where user_id = $1", user_id("additional"))
    await changed(connection, user_id("additional"))
    assert named(await explained(lead, **check)) == {"Superintendent", "Primary", "Site"}
    about_site = at(PARK, "toms:windows:edit", "site", program="caaspp")
    assert "Site" not in named(await explained(lead, **about_site))


async def test_about_herself_a_person_who_sees_nobody_is_told_roles_alone(as_person: AsCaller) -> None:
    found = await explained(await as_person("teacher"), **at(PARK, "toms:windows:edit"))
    assert found["decision"]["allowed"] is False
    (passed,) = found["roles"]
    assert gates(passed) == ["NOT_GIVEN"]
    assert passed["cells"] == [
        {"row": "Test administration window", "text": "View only; site level", "basis": "S1, Table 2"}
    ]
    assert {"primary": False, "role": {"code": "superintendent"}} in [
        one for way in found["ways"] for one in way["assignableBy"]
    ]
    assert named(found) == set()
    assert "Valley" not in json.dumps(found["ways"])


async def test_every_role_of_hers_has_an_answer_past_ones_too(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute(
        "insert into school_years (program, school_year, status) values ('caaspp', '2025-26', 'closed')"
    )
    rows = (
        ("expired", "site-coordinator", HILL, "2025-26"), ("active", "test-administrator", BEACH, "2025-26"),
        ("active", "unheard-of", HILL, "2026-27"), ("active", "site-coordinator", HILL, "2027-28"),
    )  # fmt: skip
    for status, role, where, year in rows:
        await connection.execute(
            "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
            "status, origin) select gen_random_uuid(), $1, 'caaspp', $2, $3, id, lea_id, '', $4, 'operator' "
            "from organizations where id = $5",
            user_id("shared"), role, year, status, where,
        )  # fmt: skip
    await changed(connection, user_id("shared"))
    mine = await explained(await as_person("shared"), **at(HILL))
    every = [gate for one in mine["roles"] for gate in gates(one)]
    assert len(mine["roles"]) == 6
    assert {"EXPIRED", "SCHOOL_YEAR", "ROLE_UNKNOWN"} <= set(every)
    assert all(one["stops"] for one in mine["roles"] if one["outcome"] != "GRANTED")
    past = [one for one in mine["roles"] if one["assignment"]["schoolYear"] == "2025-26"]
    assert sorted(gates(one)[0] for one in past) == ["EXPIRED", "SCHOOL_YEAR"]
    seen = await explained(await as_person("site"), **at(HILL, subject="shared"))
    assert len(seen["roles"]) == 1


async def test_a_role_beside_the_active_one_says_so(as_person: AsCaller) -> None:
    asking = await as_person("shared", role="test-administrator")
    found = await explained(asking, **at(HILL))
    beside = [one for one in found["roles"] if one["assignment"]["program"]["code"] == ELPAC]
    assert [gates(one)[:1] for one in beside] == [["ACTIVE_ROLE"]]


async def test_a_shared_person_s_roles_of_another_program_are_not_told(as_person: AsCaller) -> None:
    site = await as_person("site")
    found = await explained(site, **at(HILL, subject="shared", program="caaspp"))
    assert ELPAC not in json.dumps(found)
    assert "Hill" not in json.dumps(found)
    assert [one["assignment"]["role"]["code"] for one in found["roles"]] == ["test-administrator"]
    plain = await explained(site, **at(PARK, RESULTS, "colleague"))
    shared = await explained(site, **at(PARK, RESULTS, "shared"))
    assert plain["ways"] == shared["ways"]


async def test_ways_over_a_person_rest_on_the_places_that_are_seen(as_person: AsCaller) -> None:
    """Her ELPAC role at another school would be given away by the role that reaches it."""
    asked = {"permission": "hallpass:users:manage", "targetUser": str(user_id("shared")), "program": "elpac"}
    found = await explained(await as_person("site"), **asked)
    assert found["decision"]["allowed"] is False
    assert [way["organization"] for way in found["ways"]] in ([], [None] * len(found["ways"]))
    alone = await explained(await as_person("site"), **asked | {"targetUser": str(user_id("colleague"))})
    assert (alone["ways"], alone["considered"]) == (found["ways"], found["considered"])


@pytest.mark.parametrize("permission", [WINDOWS, RESULTS, "hallpass:users:manage", "stairs:incidents:submit"])
@pytest.mark.parametrize("name", ["site", "teacher", "primary", "educator", "superintendent"])
async def test_what_is_not_there_is_explained_as_what_is_not_seen(
    as_person: AsCaller, name: str, permission: str
) -> None:
    asking = await as_person(name)
    pairs = (
        ({"organization": {"id": str(BEACH)}}, {"organization": {"id": GONE}}),
        ({"studentGroup": str(OTHER_ROSTER)}, {"studentGroup": GONE}),
        ({"targetUser": str(user_id("far-teacher"))}, {"targetUser": GONE}),
    )
    for there, gone in pairs:
        assert await explained(asking, permission=permission, **there) == await explained(
            asking, permission=permission, **gone
        )


async def test_its_decision_is_that_of_decide(as_person: AsCaller) -> None:
    document = """query ($check: Check!) { decide(check: $check) { allowed reason explanation }
        explain(check: $check) { decision { allowed reason explanation } roles { outcome stops { gate } }
            ways { schoolYear } givers { code } } }"""
    for asker in ("primary", "site", "shared"):
        asking = await as_person(asker)
        for subject in (asker, "unsigned", "teacher", "far-teacher"):
            for permission in (WINDOWS, RESULTS, "toms:windows:edit", "hallpass:users:view", "tds:interface:open"):
                for where in (PARK, LEA, BEACH):
                    found = await asking.data(document, check=at(where, permission, subject))
                    told = found["explain"]
                    if told is None:
                        assert found["decide"]["reason"] == "NO_ASSIGNMENT"
                        continue
                    assert told["decision"] == found["decide"]
                    if not found["decide"]["allowed"]:
                        assert told["roles"] or told["givers"]
                        assert all(one["stops"] for one in told["roles"])
                    else:
                        assert any(one["outcome"] == "GRANTED" for one in told["roles"])


async def test_through_a_token_another_system_is_not_explained(as_token_bearer: AsTokenBearer) -> None:
    bearer = await as_token_bearer("site")
    other = await explained(bearer, **at(PARK, WINDOWS))
    assert (other["decision"]["reason"], other["considered"], other["roles"]) == ("NOT_YOUR_SYSTEM", [], [])
    own = await explained(bearer, **at(BEACH, RESULTS, assessment="summative"))
    assert (own["decision"]["reason"], [gates(one) for one in own["considered"]]) == (
        "NOT_THIS_ORGANIZATION", [["NOT_HERE"]],
    )  # fmt: skip


async def _statements(app: Starlette, asking: Caller, check: dict[str, Any]) -> int:
    with counted(app) as sent:
        await explained(asking, **check)
    return len(sent)


async def test_the_number_of_statements_doesn_t_grow_with_roles_and_people(
    app: Starlette, as_person: AsCaller, pool: Pool
) -> None:
    asking = await as_person("primary")
    check = at(PARK, "toms:windows:edit", "colleague", program="caaspp")
    await explained(asking, **check)
    few = await _statements(app, asking, check)
    async with pool.acquire() as connection:
        for number in range(8):
            await person(connection, f"lead{number}")
            await give(connection, f"lead{number}", "lea-coordinator", LEA)
            await give(connection, "colleague", "test-administrator", await _school(connection, number))
    await explained(asking, **check)
    assert await _statements(app, asking, check) == few
    found = await explained(asking, **check)
    assert len(found["roles"]) == 9
    (site,) = [way for way in found["ways"] if way["role"]["code"] == "lea-coordinator"]
    assert len(site["people"]) <= 5


async def _school(connection: Connection, number: int) -> OrganizationId:
    identifier = UUID(int=1000 + number)
    await connection.execute(
        "insert into organizations (id, level, parent_id, lea_id, code, name, name_key) "
        "values ($1, 'school', $2, $2, $3, $3, $3)",
        identifier, LEA, f"1964799999{number:04}",
    )  # fmt: skip
    return OrganizationId(identifier)


async def test_more_than_a_page_of_roles(as_person: AsCaller, connection: Connection) -> None:
    for number in range(120):
        await give(connection, "colleague", "test-administrator", await _school(connection, number))
    found = await explained(await as_person("colleague"), **at(BEACH))
    assert len(found["roles"]) == len(found["considered"]) == 121
    assert {gate for one in found["roles"] for gate in gates(one)} == {"NOT_HERE"}


async def test_a_student_s_number_is_nowhere_in_an_explanation(as_person: AsCaller) -> None:
    student = {"id": "9123456789", "organization": {"id": str(BEACH)}}
    for name in ("primary", "teacher"):
        found = await explained(await as_person(name), permission=RESULTS, assessment="interim", student=student)
        assert found["decision"]["allowed"] is False
        assert "9123456789" not in json.dumps(found)
