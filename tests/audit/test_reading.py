"""Reading the audit trail: the state's auditor and privacy officer all of it, everybody else what she did herself."""

import uuid
from typing import Any

import pytest

from gateway.secret_key import subkey
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear
from store.access_version import raise_versions
from store.assignments import NewAssignment, insert_assignment
from store.audit import AuditEvent, record
from store.connection import Connection
from store.personal_data import PersonalKeys, erase_personal_key
from tests.graphql.changes import ASSIGN, assign, assigned, create
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, codes, person, user_id
from tests.oidc.world import NOW

pytestmark = pytest.mark.rule("state")

EVENTS = """query ($filter: AuditFilter, $first: Int, $after: String) {
    auditEvents(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
        id at actorId actorName actingUnder action denied targetType targetId subjectId subjectName organizationId rule
        reason requestId changes { field before after } } } }"""
PERSONAL = """query ($filter: AuditFilter) { auditEvents(filter: $filter) { nodes {
    action personal { user field value } } } }"""


async def state_person(connection: Connection, name: str, role: str) -> None:
    await person(connection, name)
    root = OrganizationId(await connection.fetchval("select id from organizations where level = 'state'"))
    new = NewAssignment(
        AssignmentId(uuid.uuid4()), user_id(name), ProgramCode("state"), RoleSlug(role), SchoolYear(""), root, NOW,
        origin="operator",
    )  # fmt: skip
    async with connection.transaction():
        await insert_assignment(connection, new)
        await raise_versions(connection, [user_id(name)])


@pytest.fixture
async def auditor(as_person: AsCaller, connection: Connection) -> Caller:
    await state_person(connection, "auditor", "auditor")
    return await as_person("auditor")


@pytest.fixture
async def officer(as_person: AsCaller, connection: Connection) -> Caller:
    await state_person(connection, "officer", "privacy-officer")
    return await as_person("officer")


async def read(asking: Caller, **wanted: Any) -> Any:
    return (await asking.data(EVENTS, filter=wanted))["auditEvents"]


async def test_an_auditor_reads_who_did_what_to_whom_under_which_role(auditor: Caller, as_person: AsCaller) -> None:
    nowhere = assigned("teacher", organization=str(uuid.uuid4()))
    assert codes(await (await as_person("primary")).ask(ASSIGN, input=nowhere)) == [("NOT_FOUND", ["assignRole"])]
    refused = await assign(await as_person("site"), "teacher", role="site-coordinator")
    assert refused["userErrors"]
    await create(await as_person("primary"))
    found = await read(auditor)
    created, given = (next(one for one in found["nodes"] if one["action"] == "createUser" and one["targetType"] == kind)
                      for kind in ("user", "role_assignment"))  # fmt: skip
    assert (created["actorName"], created["denied"]) == ("Primary Example", False)
    assert given["actingUnder"] == "caaspp/lea-coordinator"
    assert {one["field"] for one in given["changes"]} >= {"program", "role", "user", "organization"}
    assert given["subjectId"] == created["targetId"]
    denied = (await read(auditor, denied=True, action="assignRole"))["nodes"]
    assert {one["actorName"] for one in denied} == {"Primary Example", "Site Example"}
    assert all(one["reason"] for one in denied)


async def test_an_auditor_sees_no_contact_data_and_a_privacy_officer_does(
    auditor: Caller, officer: Caller, connection: Connection
) -> None:
    ann = user_id("teacher")
    event = AuditEvent("createUser", "user", str(ann), personal={ann: {"email": "ann@example.org"}})
    await record(connection, event, PersonalKeys(_master()))
    answer = await auditor.ask(PERSONAL, filter={"action": "createUser"})
    assert answer["data"]["auditEvents"]["nodes"] == [{"action": "createUser", "personal": None}]
    assert codes(answer) == [("UNAUTHORIZED_FIELD_OR_TYPE", ["auditEvents", "nodes", 0, "personal"])]
    told = await officer.data(PERSONAL, filter={"action": "createUser"})
    assert told["auditEvents"]["nodes"][0]["personal"] == [
        {"user": str(ann), "field": "email", "value": "ann@example.org"}
    ]
    await erase_personal_key(connection, ann, NOW)
    told = await officer.data(PERSONAL, filter={"action": "createUser"})
    assert told["auditEvents"]["nodes"][0]["personal"] == []


async def test_a_person_reads_what_she_did_herself(as_person: AsCaller, connection: Connection) -> None:
    for actor in ("site", "primary"):
        await record(connection, AuditEvent("x", "user", str(user_id("teacher")), actor=user_id(actor)))
    site = await as_person("site")
    (one,) = (await read(site))["nodes"]
    assert (one["actorId"], one["actorName"], one["subjectName"]) == (str(user_id("site")), "Site Example", None)
    assert (await read(site, actor=str(user_id("primary"))))["nodes"] == []
    assert (await read(site, subject=str(user_id("site"))))["nodes"] == []


async def test_pages_go_from_the_newest_back(auditor: Caller, connection: Connection) -> None:
    for number in range(5):
        await record(connection, AuditEvent("x", "thing", str(number)))
    seen: list[str] = []
    page: Any = {"endCursor": None, "hasNextPage": True}
    while page["hasNextPage"]:
        wanted = {"filter": {"action": "x"}, "first": 2, "after": page["endCursor"]}
        found = (await auditor.data(EVENTS, **wanted))["auditEvents"]
        assert found["totalCount"] == 5
        seen += [one["targetId"] for one in found["nodes"]]
        page = found["pageInfo"]
    assert seen == ["4", "3", "2", "1", "0"]


async def test_what_is_wanted_narrows(auditor: Caller, connection: Connection) -> None:
    for number in range(3):
        where = {"organization": str(uuid.UUID(int=number))}
        event = AuditEvent("x", "thing", str(number), actor=user_id("site"), after=where, request_id=f"r{number}")
        await record(connection, event)
    middle = await connection.fetchval("select at from audit_events where target_id = '1'")
    for wanted, expected in (
        ({"organization": str(uuid.UUID(int=2))}, ["2"]),
        ({"requestId": "r1"}, ["1"]),
        ({"targetType": "thing", "targetId": "0"}, ["0"]),
        ({"since": middle.isoformat(), "targetType": "thing"}, ["2", "1"]),
        ({"until": middle.isoformat(), "targetType": "thing"}, ["0"]),
        ({"actor": "nonsense"}, []),
        ({"actor": str(uuid.uuid4())}, []),
    ):
        assert [one["targetId"] for one in (await read(auditor, **wanted))["nodes"]] == expected, wanted


async def test_nobody_unknown_reads_it(signed_out: Caller) -> None:
    answer = await signed_out.ask(EVENTS)
    assert answer["data"] == {"auditEvents": None}


def _master() -> bytes:
    return subkey(b"k" * 32, "personal-data")
