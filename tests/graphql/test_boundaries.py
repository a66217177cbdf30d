"""Ids, codes and addresses of another LEA, by every path: answered as what doesn't exist."""

import uuid
from typing import Any

import pytest

from tests.graphql.conftest import AsCaller
from tests.graphql.world import (
    BEACH,
    ELPAC,
    HILL,
    LEA,
    OTHER_LEA,
    OTHER_ROSTER,
    PARK,
    ROSTER,
    assignment_id,
    codes,
    user_id,
)

UNKNOWN = "00000000-0000-4000-8000-000000000000"
FAR = {
    "user": str(user_id("far-teacher")),
    "organization": str(BEACH),
    "assignment": str(assignment_id("far-teacher", "test-administrator", BEACH)),
    "group": str(OTHER_ROSTER),
    "lea": str(OTHER_LEA),
}
SINGLE = {
    "node": "query ($id: ID!) { found: node(id: $id) { __typename id } }",
    "user": "query ($id: ID!) { found: user(by: {id: $id}) { id firstName } }",
    "organization": "query ($id: ID!) { found: organization(by: {id: $id}) { id name } }",
}


@pytest.mark.parametrize("caller", ["primary", "site", "superintendent", "teacher", "educator"])
@pytest.mark.parametrize("path", SINGLE)
@pytest.mark.checklist("54 queries")
async def test_ids_of_another_lea_are_answered_as_unknown_ones(as_person: AsCaller, path: str, caller: str) -> None:
    asking = await as_person(caller)
    unknown = await asking.ask(SINGLE[path], id=UNKNOWN)
    assert unknown == {"data": {"found": None}}
    for identifier in FAR.values():
        assert await asking.ask(SINGLE[path], id=identifier) == unknown


@pytest.mark.parametrize(
    "text", ["", "1", "not-an-id", "{00000000-0000-4000-8000-000000000000}", "０" * 32, "a" * 5000]
)
async def test_what_can_be_no_id_is_answered_as_an_unknown_one(as_person: AsCaller, text: str) -> None:
    asking = await as_person("primary")
    for document in SINGLE.values():
        assert await asking.ask(document, id=text) == {"data": {"found": None}}


async def test_addresses_and_codes_of_another_lea(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    document = """query ($far: String!, $own: String!) {
        far: user(by: {email: $far}) { id }
        own: user(by: {email: $own}) { firstName }
        school: organization(by: {code: {level: SCHOOL, code: "01611196000000"}}) { id }
        lea: organization(by: {code: {level: LEA, code: "01611190000000"}}) { id }
        park: organization(by: {code: {level: SCHOOL, code: "19647331930000"}}) { name }
    }"""
    data = await asking.data(document, far="far-teacher@valley.example", own="SITE@Valley.example")
    assert data == {
        "far": None,
        "own": {"firstName": "Site"},
        "school": None,
        "lea": None,
        "park": {"name": "Park Elementary"},
    }


async def test_filters_that_name_another_lea_find_nothing(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    document = """query ($school: ID!, $lea: ID!) {
        there: users(filter: {organization: {id: $school}}) { totalCount nodes { id } }
        byCode: users(filter: {organization: {code: {level: SCHOOL, code: "01611196000000"}}}) { totalCount }
        nowhere: users(filter: {organization: {id: "no id"}}) { totalCount }
        byEmail: users(filter: {email: "far"}) { totalCount }
        byName: users(filter: {name: "example far"}) { totalCount }
        children: organizations(filter: {parent: $lea}) { totalCount }
        noParent: organizations(filter: {parent: "no id"}) { totalCount }
        code: organizations(filter: {code: "01611196000000"}) { totalCount nodes { id } }
    }"""
    data = await asking.data(document, school=FAR["organization"], lea=FAR["lea"])
    assert {name: found["totalCount"] for name, found in data.items()} == dict.fromkeys(data, 0)


async def test_another_program_s_people_and_assignments_are_not_seen(as_person: AsCaller) -> None:
    """Decisions, words: everything stays inside one program and year."""
    asking = await as_person("primary")
    document = """query ($elpac: ID!, $shared: ID!, $lead: ID!) {
        node(id: $elpac) { id }
        user(by: {id: $shared}) { assignments { totalCount nodes { program { code } } } access { program } }
        lead: user(by: {id: $lead}) { id }
        users(first: 100) { nodes { id } }
    }"""
    data = await asking.data(
        document,
        elpac=str(assignment_id("shared", "test-examiner", HILL, ELPAC)),
        shared=str(user_id("shared")),
        lead=str(user_id("elpac-lead")),
    )
    assert data["node"] is None
    assert data["lead"] is None
    assert data["user"]["assignments"] == {"totalCount": 1, "nodes": [{"program": {"code": "caaspp"}}]}
    assert {grant["program"] for grant in data["user"]["access"]} == {"caaspp"}
    assert str(user_id("elpac-lead")) not in {row["id"] for row in data["users"]["nodes"]}


@pytest.mark.checklist("54 queries")
async def test_edges_nodes_and_single_lookups_show_the_same_people(as_person: AsCaller) -> None:
    document = "{ users(first: 100) { totalCount edges { node { id } } nodes { id } } }"
    for name in ("primary", "site", "superintendent", "elpac-lead", "far-lead"):
        asking = await as_person(name)
        listed = (await asking.data(document))["users"]
        edges = [edge["node"]["id"] for edge in listed["edges"]]
        assert edges == [row["id"] for row in listed["nodes"]]
        assert listed["totalCount"] == len(edges)
        for person in everybody():
            found = (await asking.data(SINGLE["user"], id=person))["found"]
            assert (found is not None) == (person in edges or person == str(user_id(name))), (name, person)


async def test_lists_below_an_organization_are_filtered_as_the_root_is(as_person: AsCaller) -> None:
    document = """query ($lea: ID!) { organization(by: {id: $lea}) {
        children { nodes { name } edges { node { name } } }
        users(first: 100) { totalCount nodes { firstName } }
        studentGroups { totalCount }
    } }"""
    lead = (await (await as_person("primary")).data(document, lea=str(LEA)))["organization"]
    assert [row["name"] for row in lead["children"]["nodes"]] == ["Hill Elementary", "Park Elementary"]
    assert [edge["node"]["name"] for edge in lead["children"]["edges"]] == ["Hill Elementary", "Park Elementary"]
    assert {row["firstName"] for row in lead["users"]["nodes"]} == {
        "Superintendent", "Primary", "Additional", "Educator",
    }  # fmt: skip
    top = (await (await as_person("superintendent")).data(document, lea=str(LEA)))["organization"]
    assert {row["firstName"] for row in top["users"]["nodes"]} == {"Primary", "Additional"}
    assert top["studentGroups"]["totalCount"] == 0


async def test_rosters_are_seen_by_their_teacher_and_whoever_manages_groups_there(as_person: AsCaller) -> None:
    document = "query ($id: ID!) { node(id: $id) { ... on StudentGroup { name } } }"
    seen = {"teacher": "Room 4", "site": "Room 4", "primary": "Room 4", "colleague": None, "hill-site": None}
    for name, room in seen.items():
        found = (await (await as_person(name)).data(document, id=str(ROSTER)))["node"]
        assert found == (None if room is None else {"name": room}), name


async def test_questions_about_people_out_of_sight_are_answered_as_about_nobody(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    document = """query ($subject: ID!, $park: ID!) { decide(check: {
        subject: $subject, permission: "hallpass:organizations:view", organization: {id: $park}
    }) { allowed reason explanation grant { role } missing { kind } accessVersion } }"""
    unknown = await asking.data(document, subject=UNKNOWN, park=str(PARK))
    assert unknown["decide"]["reason"] == "NO_ASSIGNMENT"
    for name in ("far-teacher", "elpac-lead", "far-lead"):
        assert await asking.data(document, subject=str(user_id(name)), park=str(PARK)) == unknown
    known = await asking.data(document, subject=str(user_id("teacher")), park=str(PARK))
    assert known["decide"]["allowed"] is True


@pytest.mark.checklist("54 mutations")
async def test_targets_out_of_sight_are_not_found_by_mutations(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    role = {"program": "caaspp", "role": "test-administrator", "schoolYear": "2026-27"}
    assign = "mutation ($i: AssignRoleInput!) { assignRole(input: $i) { userErrors { code } } }"
    remove = "mutation ($i: RemoveRolesInput!) { removeRoles(input: $i) { removed userErrors { code } } }"
    create = "mutation ($i: CreateUserInput!) { createUser(input: $i) { userErrors { code } } }"
    person: dict[str, Any] = {"email": "new@valley.example", "firstName": "New", "lastName": "Person"}
    mine, key = str(user_id("teacher")), str(uuid.uuid4())
    for document, asked in (
        (assign, {**role, "user": FAR["user"], "organization": str(PARK), "idempotencyKey": key}),
        (assign, {**role, "user": UNKNOWN, "organization": str(PARK), "idempotencyKey": key}),
        (assign, {**role, "user": mine, "organization": FAR["organization"], "idempotencyKey": key}),
        (remove, {"assignments": [FAR["assignment"]]}),
        (remove, {"assignments": [str(assignment_id("shared", "test-examiner", HILL, ELPAC))]}),
        (create, {**person, "roles": [{**role, "organization": FAR["organization"]}], "idempotencyKey": key}),
    ):
        answer = await asking.ask(document, i=asked)
        assert [code for code, _ in codes(answer)] == ["NOT_FOUND"], (document, asked)


def everybody() -> list[str]:
    names = (
        "superintendent primary additional elpac-lead site hill-site teacher colleague shared educator far-lead "
        "far-teacher unsigned"
    )
    return [str(user_id(name)) for name in names.split()]
