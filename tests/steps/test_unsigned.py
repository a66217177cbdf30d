"""Who hasn't signed which form: within reach, in pages, narrowed; and one reminder to all of them."""

import uuid
from typing import Any

import pytest

from policy.ids import ProgramCode, SchoolYear
from store.database import Connection
from tests.graphql.changes import events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, HILL, LEA, PARK, Caller, codes, give, person
from tests.oidc.world import ELPAC, STATE

LIST = """query ($filter: UnsignedFormFilter, $first: Int, $after: String) {
  unsignedForms(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { program schoolYear code label user { firstName } } } }"""
REMIND = """mutation ($input: RemindUnsignedInput!) { remindUnsigned(input: $input) {
    reminded userErrors { code message remedy } } }"""


async def names(asking: Caller, **filter_: Any) -> list[str]:
    answer = await asking.data(LIST, filter=filter_)
    found = answer["unsignedForms"]
    assert found["totalCount"] == len(found["nodes"])
    return [f"{one['user']['firstName']} {one['code']}" for one in found["nodes"]]


async def people(connection: Connection) -> None:
    """A coordinator of a school without any form, a teacher of two schools, one far away, one of the other program."""
    for name, *roles in (
        ("ada", ("site-coordinator", PARK)),
        ("two", ("test-administrator", PARK), ("test-administrator", HILL)),
        ("afar", ("test-administrator", BEACH)),
    ):
        await person(connection, name, forms=False)
        for role, where in roles:
            await give(connection, name, role, where)
    await person(connection, "other", forms=False)
    await give(connection, "other", "site-coordinator", PARK, ELPAC)


@pytest.mark.rule("S0-17", "S0-18")
async def test_a_coordinator_sees_who_has_not_signed(as_person: AsCaller, connection: Connection) -> None:
    await people(connection)
    lead = await as_person("primary", "lea-coordinator")
    everybody = ["Ada security-affidavit", "Ada security-agreement", "Two security-affidavit"]
    assert await names(lead) == [*everybody, "Unsigned security-affidavit"]
    assert await names(lead, form="security-agreement") == ["Ada security-agreement"]
    assert await names(lead, organization=str(HILL)) == ["Two security-affidavit"]
    assert await names(lead, organization=str(LEA)) == await names(lead)
    assert await names(lead, organization=str(BEACH)) == []
    assert await names(lead, organization="nowhere") == []
    assert await names(lead, program="elpac") == []
    assert await names(lead, schoolYear="2019-20") == []
    assert await names(await as_person("hill-site")) == ["Two security-affidavit"]
    assert await names(await as_person("far-lead")) == ["Afar security-affidavit"]
    assert await names(await as_person("elpac-lead")) == ["Other security-affidavit", "Other security-agreement"]


async def test_pages_go_on_behind_the_cursor(as_person: AsCaller, connection: Connection) -> None:
    await people(connection)
    lead, after, found = await as_person("primary"), None, list[str]()
    for _ in range(4):
        page = (await lead.data(LIST, first=1, after=after))["unsignedForms"]
        found += [one["user"]["firstName"] + one["code"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] == (len(found) < 4)
    assert len(set(found)) == 4
    assert codes(await lead.ask(LIST, after="abc"))[0][0] == "BAD_USER_INPUT"


async def test_others_see_nothing(as_person: AsCaller, as_system: Caller, signed_out: Caller) -> None:
    for asking in (await as_person("teacher"), await as_person("educator"), as_system, signed_out):
        answer = await asking.ask(LIST)
        assert answer["data"]["unsignedForms"] is None
    asked = {"idempotencyKey": "k"}
    answer = await (await as_person("teacher")).ask(REMIND, input=asked)
    assert codes(answer)[0][0] == "FORBIDDEN"


@pytest.mark.rule("access")
async def test_all_are_reminded_by_one_job(as_person: AsCaller, connection: Connection) -> None:
    await people(connection)
    lead = await as_person("primary")
    asked = {"idempotencyKey": str(uuid.uuid4()), "filter": {"program": "caaspp"}}
    made = (await lead.data(REMIND, input=asked))["remindUnsigned"]
    assert made == {"reminded": 3, "userErrors": []}
    jobs = await connection.fetch("select entrypoint from pgqueuer")
    assert [row["entrypoint"] for row in jobs] == ["mail-batch"]
    (event,) = await events(connection)
    assert (event["action"], event["after"]["reminded"]) == ("remindUnsigned", 3)
    assert (await lead.data(REMIND, input=asked))["remindUnsigned"]["reminded"] == 3
    assert await connection.fetchval("select count(*) from pgqueuer") == 1, "a repeated request writes to nobody"


async def test_nobody_is_reminded_outside_reach(as_person: AsCaller, connection: Connection) -> None:
    await people(connection)
    far = await as_person("far-lead")
    made = await far.data(REMIND, input={"idempotencyKey": "k", "filter": {"organization": str(PARK)}})
    assert made["remindUnsigned"]["reminded"] == 0
    assert await connection.fetchval("select count(*) from pgqueuer") == 0


async def test_who_sees_the_whole_state_narrows_and_goes_on(as_person: AsCaller, connection: Connection) -> None:
    await people(connection)
    await person(connection, "root")
    await give(connection, "root", "state-administrator", STATE, ProgramCode("state"), SchoolYear(""))
    root = await as_person("root")
    assert await names(root, organization=str(HILL)) == ["Two security-affidavit"]
    first = (await root.data(LIST, filter={"organization": str(LEA)}, first=1))["unsignedForms"]
    after = first["pageInfo"]["endCursor"]
    rest = (await root.data(LIST, filter={"organization": str(LEA)}, first=9, after=after))["unsignedForms"]
    assert len(first["nodes"] + rest["nodes"]) == first["totalCount"]
