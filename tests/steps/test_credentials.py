"""recordCredential and removeCredential: by whoever manages the person there, for one LEA, never for oneself."""

import uuid
from datetime import date
from typing import Any

import pytest

from policy.notices import CREDENTIAL_MARKS, EXPIRED, SIS_MARKS, due_notice
from store.database import Connection
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, HILL, LEA, PARK, Caller, codes, give, person, user_id
from tests.oidc.world import OTHER_LEA, STATE

RECORD = """mutation ($input: RecordCredentialInput!) { recordCredential(input: $input) {
    credential { id number expiresOn organization { id } } userErrors { path code rule message remedy } } }"""
REMOVE = """mutation ($input: RemoveCredentialInput!) { removeCredential(input: $input) {
    removed user { credentials { id } } userErrors { path code rule message remedy } } }"""
GRANTS = "{ viewer { grants { permission } user { assignments { nodes { missingSteps { kind } } } } } }"


async def examiner(connection: Connection, where: Any = PARK) -> None:
    await person(connection, "examiner")
    await give(connection, "examiner", "test-examiner", where)


async def record(asking: Caller, name: str = "examiner", **changes: Any) -> dict[str, Any]:
    asked = {
        "user": str(user_id(name)), "organization": str(PARK), "number": "C-4711", "expiresOn": "2027-06-30",
        "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip
    return (await asking.data(RECORD, input=asked | changes))["recordCredential"]


@pytest.mark.rule("S1-19", "S0-06", "accounts-7")
async def test_a_test_examiner_has_access_from_the_record_on(as_person: AsCaller, connection: Connection) -> None:
    await examiner(connection)
    herself = await as_person("examiner")
    viewer = (await herself.data(GRANTS))["viewer"]
    assert viewer["grants"] == []
    assert viewer["user"]["assignments"]["nodes"][0]["missingSteps"] == [{"kind": "CREDENTIAL"}]
    made = await record(await as_person("site"))
    assert made["userErrors"] == []
    assert (made["credential"]["number"], made["credential"]["expiresOn"]) == ("C-4711", "2027-06-30")
    assert (await herself.data(GRANTS))["viewer"]["grants"]
    row = await connection.fetchrow("select lea_id, recorded_by from credentials")
    assert row is not None
    assert tuple(row.values()) == (LEA, user_id("site"))
    (event,) = await events(connection)
    assert (event["acting_under"], event["target_id"]) == ("caaspp/site-coordinator", str(user_id("examiner")))
    assert "C-4711" not in str(event["before"]) + str(event["after"])


@pytest.mark.rule("S1-19", "accounts-7")
async def test_it_satisfies_roles_in_that_lea_only(as_person: AsCaller, connection: Connection) -> None:
    await examiner(connection, BEACH)
    await give(connection, "examiner", "test-administrator", PARK)
    await record(await as_person("primary"), organization=str(LEA))
    steps = (await (await as_person("examiner")).data(GRANTS))["viewer"]["user"]["assignments"]["nodes"]
    assert sorted(len(one["missingSteps"]) for one in steps) == [0, 1], "the examiner's role is in the other LEA"
    assert await connection.fetchval("select lea_id from credentials") == LEA
    far = await as_person("far-lead")
    assert (await record(far, organization=str(OTHER_LEA)))["userErrors"] == []
    steps = (await (await as_person("examiner")).data(GRANTS))["viewer"]["user"]["assignments"]["nodes"]
    assert [one["missingSteps"] for one in steps] == [[], []]


@pytest.mark.rule("S1-19")
async def test_a_new_record_replaces_the_old_one(as_person: AsCaller, connection: Connection) -> None:
    await examiner(connection)
    site = await as_person("site")
    first = (await record(site))["credential"]["id"]
    second = (await record(site, expiresOn="2028-06-30"))["credential"]["id"]
    rows = await connection.fetch("select id, expires_on from credentials")
    assert [(str(row["id"]), row["expires_on"]) for row in rows] == [(second, date(2028, 6, 30))]
    event = (await events(connection))[-1]
    assert [one["id"] for one in event["before"]["credentials"]] == [first]


async def test_a_repeated_request_records_once(as_person: AsCaller, connection: Connection) -> None:
    await examiner(connection)
    site = await as_person("site")
    assert await record(site, idempotencyKey="k") == await record(site, idempotencyKey="k")
    assert len(await events(connection)) == 1


@pytest.mark.rule("S1-19")
async def test_removing_shuts_the_gate_again(as_person: AsCaller, connection: Connection) -> None:
    await examiner(connection)
    site = await as_person("site")
    made = (await record(site))["credential"]["id"]
    answer = await (await as_person("far-lead")).ask(REMOVE, input={"credential": made})
    assert codes(answer)[0][0] == "NOT_FOUND"
    removed = (await site.data(REMOVE, input={"credential": made}))["removeCredential"]
    assert (removed["removed"], removed["user"]["credentials"]) == (made, [])
    assert (await (await as_person("examiner")).data(GRANTS))["viewer"]["grants"] == []
    answer = await site.ask(REMOVE, input={"credential": made})
    assert codes(answer)[0][0] == "NOT_FOUND"


@pytest.mark.rule("S1-19", "delegation-1")
@pytest.mark.parametrize(
    ("actor", "name", "changes", "expected"),
    [
        ("primary", "primary", {"organization": str(LEA)}, ("OWN_CREDENTIAL", "S1-19", "input.user")),
        ("site", "site", {}, ("OWN_CREDENTIAL", "S1-19", "input.user")),
        ("additional", "primary", {"organization": str(LEA)}, ("NOT_MANAGED", "S1-19", "input.user")),
        ("primary", "shared", {"organization": str(STATE)}, ("NOT_FOUND", None, "")),
        ("site", "teacher", {"number": "  "}, ("INVALID_NUMBER", "S1-19", "input.number")),
        ("site", "teacher", {"number": "4\n5"}, ("INVALID_NUMBER", "S1-19", "input.number")),
        ("site", "teacher", {"number": "4" * 100}, ("INVALID_NUMBER", "S1-19", "input.number")),
        ("site", "teacher", {"expiresOn": "2026-11-21"}, ("PAST_DAY", "S1-19", "input.expiresOn")),
        ("far-lead", "teacher", {}, ("NOT_FOUND", None, "")),
        ("site", "far-teacher", {}, ("NOT_FOUND", None, "")),
        ("hill-site", "teacher", {"organization": str(HILL)}, ("NOT_FOUND", None, "")),
        ("teacher", "colleague", {}, ("FORBIDDEN", None, "")),
    ],
)
async def test_what_is_refused_records_nothing(
    as_person: AsCaller,
    connection: Connection,
    actor: str,
    name: str,
    changes: dict[str, Any],
    expected: tuple[str, str | None, str],
) -> None:
    asked = {
        "user": str(user_id(name)), "organization": str(PARK), "number": "C-4711", "expiresOn": "2027-06-30",
        "idempotencyKey": "k",
    }  # fmt: skip
    answer = await (await as_person(actor)).ask(RECORD, input=asked | changes)
    if "errors" in answer:
        assert codes(answer)[0][0] == expected[0]
    else:
        assert errors(answer["data"]["recordCredential"]) == [expected]
    assert await connection.fetchval("select count(*) from credentials") == 0
    assert await events(connection) == []


@pytest.mark.rule("accounts-7")
def test_notices_30_and_7_days_before() -> None:
    last = date(2026, 12, 31)
    days = [(31, None), (30, 30), (8, 30), (7, 7), (0, 7), (-1, EXPIRED)]
    for left, expected in days:
        today = date.fromordinal(last.toordinal() - left)
        assert due_notice(last, today, CREDENTIAL_MARKS, ()) == expected, left
    assert due_notice(last, date(2026, 12, 1), CREDENTIAL_MARKS, {30}) is None
    assert due_notice(last, date(2026, 12, 24), CREDENTIAL_MARKS, {30}) == 7
    assert due_notice(last, date(2026, 12, 25), CREDENTIAL_MARKS, {30, 7}) is None
    assert due_notice(last, date(2027, 1, 5), CREDENTIAL_MARKS, {EXPIRED}) is None


@pytest.mark.rule("S1-34")
def test_sis_notices_14_7_3_1_days_before() -> None:
    last, sent, told = date(2026, 12, 31), set[int](), list[int]()
    for day in range(1, 32):
        mark = due_notice(last, date(2026, 12, day), SIS_MARKS, sent)
        if mark is not None:
            sent.add(mark)
            told.append(31 - day)
    assert told == [14, 7, 3, 1]
