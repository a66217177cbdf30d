"""Three kinds of caller: a session, a person's token from a relying party, a system's client credentials."""

import pytest

from policy.grant import ActiveRole
from policy.ids import RoleSlug
from store.database import Connection, Pool
from store.sessions import choose_role
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import CAASPP, PARK, YEAR, Caller, codes, user_id

REMOVE = 'mutation { removeRoles(input: {assignments: ["x"]}) { removed } }'
WITHHELD = "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_a_system_sees_ids_and_names_of_people_with_an_active_grant_in_it(as_system: Caller) -> None:
    document = "{ users(first: 100) { totalCount nodes { id firstName lastName } } viewer { accessVersion } }"
    data = await as_system.data(document)
    names = {row["firstName"] for row in data["users"]["nodes"]}
    assert data["viewer"] is None
    assert {"Site", "Primary", "Teacher", "Far-Lead"} <= names
    assert "Unsigned" not in names, "a missing form gives no grant"
    assert data["users"]["totalCount"] == len(names)


@pytest.mark.parametrize(
    "field", ["email", "phone", "fax", "status", "credentials { number }", "securityForms { code }"]
)
@pytest.mark.checklist(57)
async def test_a_system_is_told_no_contact_data(as_system: Caller, field: str) -> None:
    document = f"query ($id: ID!) {{ user(by: {{id: $id}}) {{ firstName {field} }} }}"
    answer = await as_system.ask(document, id=str(user_id("site")))
    name = field.split(maxsplit=1)[0]
    assert answer["data"]["user"] == {"firstName": "Site", name: None}
    assert codes(answer) == [(WITHHELD, ["user", name])]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ('{ users(filter: {email: "site"}) { totalCount } }', ["users"]),
        ("{ users(filter: {status: ACTIVE}) { totalCount } }", ["users"]),
        ('{ user(by: {email: "site@valley.example"}) { id } }', ["user"]),
    ],
)
async def test_a_system_can_t_find_people_by_what_it_isn_t_told(
    as_system: Caller, document: str, path: list[str]
) -> None:
    answer = await as_system.ask(document)
    assert codes(answer) == [(WITHHELD, path)]
    assert answer["data"] == {path[0]: None}


async def test_a_system_sees_assignments_and_grants_of_its_own_systems_only(as_system: Caller) -> None:
    document = """query ($id: ID!) { user(by: {id: $id}) {
        assignments { nodes { role { code permissions } assignedUnder grants { permission } } } } }"""
    answer = await as_system.ask(document, id=str(user_id("site")))
    (assignment,) = answer["data"]["user"]["assignments"]["nodes"]
    seen = {*assignment["role"]["permissions"], *(grant["permission"] for grant in assignment["grants"])}
    assert assignment["grants"]
    assert {permission.partition(":")[0] for permission in seen} == {"cers"}
    assert codes(answer) == [(WITHHELD, ["user", "assignments", "nodes", 0, "assignedUnder"])]


async def test_a_system_doesn_t_see_people_of_other_systems(as_system: Caller) -> None:
    answer = await as_system.ask("query ($id: ID!) { user(by: {id: $id}) { id } }", id=str(user_id("unsigned")))
    assert answer == {"data": {"user": None}}


async def test_a_system_s_programs_are_cut_to_its_systems(as_system: Caller) -> None:
    data = await as_system.data(
        '{ program(code: "caaspp") { systems { code } roles { code } matrix { grants { permission } } } }'
    )
    assert data["program"]["systems"] == [{"code": "cers"}]
    assert "tools-for-teachers-only" not in {role["code"] for role in data["program"]["roles"]}
    permissions = {grant["permission"] for cell in data["program"]["matrix"] for grant in cell["grants"]}
    assert {permission.partition(":")[0] for permission in permissions} == {"cers"}


async def test_a_system_asks_about_its_own_permissions_and_is_told_reason_codes(as_system: Caller) -> None:
    document = """query ($subject: ID!, $permission: Permission!, $role: RoleRef, $park: ID!) { decide(check: {
        subject: $subject, permission: $permission, actingAs: $role, assessment: "summative"
        student: {id: "9999999999", organization: {id: $park}}
    }) { allowed reason explanation grant { role } missing { kind } } }"""

    async def reason(name: str, permission: str = "cers:results:view", role: str | None = "site-coordinator") -> str:
        acting = {"program": "caaspp", "role": role, "schoolYear": "2026-27"} if role else None
        found = await as_system.data(
            document, subject=str(user_id(name)), permission=permission, role=acting, park=str(PARK)
        )
        assert {found["decide"][one] for one in ("explanation", "grant", "missing")} == {None}
        return found["decide"]["reason"]

    assert await reason("site") == "GRANTED"
    assert await reason("site", permission="toms:windows:view") == "NOT_YOUR_SYSTEM"
    assert await reason("site", role=None) == "ACTIVE_ROLE_MISSING"
    assert await reason("hill-site") == "NOT_THIS_ORGANIZATION"
    assert await reason("unsigned", role="test-administrator") == "STEPS_MISSING"
    assert await reason("nobody") == "NO_ASSIGNMENT"


async def test_mutations_need_a_person_s_own_session(
    as_person: AsCaller,
    as_token_bearer: AsTokenBearer,
    as_system: Caller,
    signed_out: Caller,
    connection: Connection,
) -> None:
    callers = (signed_out, as_system, await as_token_bearer("primary"), await as_person("teacher"))
    expected = ("UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN")
    for caller, code in zip(callers, expected, strict=True):
        answer = await caller.ask(REMOVE)
        assert codes(answer) == [(code, ["removeRoles"])]
        assert answer["data"] == {"removeRoles": None}
    attempts = await connection.fetch("select actor_id, actor_client, action, outcome, reason from audit_events")
    assert [tuple(row.values()) for row in attempts] == [
        (None, "reporting", "removeRoles", "denied", "FORBIDDEN"),
        (user_id("primary"), None, "removeRoles", "denied", "FORBIDDEN"),
        (user_id("teacher"), None, "removeRoles", "denied", "FORBIDDEN"),
    ]


@pytest.mark.checklist("57 more than the person", "57 more than itself")
async def test_a_token_is_cut_to_the_relying_party_s_systems_and_the_person_s_reach(
    as_token_bearer: AsTokenBearer, as_person: AsCaller
) -> None:
    document = """{
        viewer { user { email } grants { permission } roles { role { code } } withheld { role } }
        users(first: 100) { totalCount nodes { id firstName email } }
    }"""
    bearer = await (await as_token_bearer("primary")).data(document)
    session = await (await as_person("primary")).data(document)
    assert {grant["permission"].partition(":")[0] for grant in bearer["viewer"]["grants"]} == {"cers"}
    assert bearer["viewer"]["user"] == {"email": "primary@valley.example"}
    everybody = {row["firstName"] for row in session["users"]["nodes"]}
    seen = {row["firstName"] for row in bearer["users"]["nodes"]}
    assert everybody - seen == {"Unsigned"}
    assert seen < everybody
    assert bearer["users"]["totalCount"] == len(seen)


async def test_through_a_token_one_s_own_roles_without_access_there_don_t_appear(
    as_token_bearer: AsTokenBearer, pool: Pool
) -> None:
    from tests.graphql.world import ELPAC, HILL, give

    async with pool.acquire() as connection:
        await give(connection, "primary", "tools-for-teachers-only", HILL, ELPAC)
    bearer = await as_token_bearer("primary")
    data = await bearer.data(
        "{ viewer { roles { role { code } } user { assignments { totalCount nodes { role { code } } } } } }"
    )
    assert data["viewer"]["roles"] == [{"role": {"code": "lea-coordinator"}}]
    assert data["viewer"]["user"]["assignments"] == {"totalCount": 1, "nodes": [{"role": {"code": "lea-coordinator"}}]}


async def test_the_active_role_bounds_a_session(as_person: AsCaller) -> None:
    """Somebody with roles of two programs acts under one at a time."""
    document = "{ viewer { activeRole { program } grants { program } } users { totalCount } programs { code } }"
    whole = await (await as_person("shared")).data("{ viewer { roles { program } grants { program } } }")
    assert {role["program"] for role in whole["viewer"]["roles"]} == {"caaspp", "elpac"}
    acting = await as_person("shared", role="test-administrator")
    answer = await acting.ask(document)
    assert {grant["program"] for grant in answer["data"]["viewer"]["grants"]} == {"caaspp"}
    assert answer["data"]["viewer"]["activeRole"] == {"program": "caaspp"}


async def test_one_s_own_other_roles_show_where_they_are_held(as_person: AsCaller) -> None:
    acting = await as_person("shared", role="test-administrator")
    data = await acting.data("{ viewer { user { assignments { nodes { program { code } organization { name } } } } } }")
    assert data["viewer"]["user"]["assignments"]["nodes"] == [
        {"program": {"code": "caaspp"}, "organization": {"name": "Park Elementary"}},
        {"program": {"code": "elpac"}, "organization": {"name": "Hill Elementary"}},
    ]


async def test_somebody_with_missing_steps_sees_them_and_nothing_else(as_person: AsCaller) -> None:
    document = """{ viewer { grants { permission } withheld { role missing { kind name } } user {
        assignments { nodes { missingSteps { kind name } organization { name } } } securityForms { code signedAt } } }
        organizations { nodes { name } } users { totalCount } }"""
    answer = await (await as_person("unsigned")).ask(document)
    step = [{"kind": "FORM", "name": "security-affidavit"}]
    viewer = answer["data"]["viewer"]
    assert viewer["grants"] == []
    assert viewer["withheld"] == [{"role": "test-administrator", "missing": step}]
    assert viewer["user"]["assignments"]["nodes"] == [
        {"missingSteps": step, "organization": {"name": "Park Elementary"}}
    ]
    assert viewer["user"]["securityForms"] == [{"code": "security-affidavit", "signedAt": None}]
    assert codes(answer) == [(WITHHELD, ["users"])]


async def test_a_role_chosen_in_the_session_counts_at_the_next_request(as_person: AsCaller, pool: Pool) -> None:
    asking = await as_person("shared")
    async with pool.acquire() as connection:
        row = await connection.fetchrow("select id from sessions where user_id = $1", user_id("shared"))
        assert row is not None
        await choose_role(connection, row["id"], ActiveRole(CAASPP, RoleSlug("test-administrator"), YEAR))
    data = await asking.data("{ viewer { activeRole { role { code } } } }")
    assert data["viewer"]["activeRole"] == {"role": {"code": "test-administrator"}}
