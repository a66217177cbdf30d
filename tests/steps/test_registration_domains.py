"""Domains for registering oneself (S1-03): listed by the LEA's primary coordinator, confirmed by the state."""

import uuid
from typing import Any

import pytest

from policy.ids import ProgramCode, SchoolYear
from policy.registration import self_registered_role
from store.database import Connection
from store.shipped_packs import shipped_packs
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK, Caller, codes, give, person
from tests.oidc.world import OTHER_LEA, STATE

LIST = """mutation ($input: ListRegistrationDomainInput!) { listRegistrationDomain(input: $input) {
    domain { id domain program confirmedAt organization { id } } userErrors { path code rule message remedy } } }"""
CONFIRM = """mutation ($input: RegistrationDomainInput!) { confirmRegistrationDomain(input: $input) {
    domain { domain confirmedAt } userErrors { path code rule message remedy } } }"""
REMOVE = """mutation ($input: RegistrationDomainInput!) { removeRegistrationDomain(input: $input) {
    domain { domain } userErrors { path code rule message remedy } } }"""
WAITING = "{ waitingRegistrationDomains { id domain organization { name } } }"
SEE = "query ($id: ID!) { organization(by: {id: $id}) { registrationDomains { domain } } }"


async def administrator(connection: Connection, as_person: AsCaller) -> Caller:
    await person(connection, "root")
    await give(connection, "root", "state-administrator", STATE, ProgramCode("state"), SchoolYear(""))
    return await as_person("root")


async def listed(asking: Caller, **changes: Any) -> dict[str, Any]:
    asked = {
        "organization": str(LEA), "program": "caaspp", "domain": "valley.example", "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip
    return (await asking.data(LIST, input=asked | changes))["listRegistrationDomain"]


async def confirmed(asking: Caller, domain: str) -> dict[str, Any]:
    return (await asking.data(CONFIRM, input={"domain": domain}))["confirmRegistrationDomain"]


@pytest.mark.rule("S1-03")
async def test_the_primary_coordinator_lists_and_the_state_confirms(
    as_person: AsCaller, connection: Connection
) -> None:
    root, lead = await administrator(connection, as_person), await as_person("primary")
    made = await listed(lead, domain="  @Valley.Example ")
    assert made["userErrors"] == []
    assert (made["domain"]["domain"], made["domain"]["confirmedAt"]) == ("valley.example", None)
    (waiting,) = (await root.data(WAITING))["waitingRegistrationDomains"]
    assert (waiting["domain"], waiting["organization"]["name"]) == ("valley.example", "Valley Unified")
    done = await confirmed(root, waiting["id"])
    assert done["domain"]["confirmedAt"] is not None
    assert (await root.data(WAITING))["waitingRegistrationDomains"] == []
    assert errors(await confirmed(root, waiting["id"])) == [("CONFIRMED", "S1-03", "input.domain")]
    assert [one["action"] for one in await events(connection)] == [
        "listRegistrationDomain", "confirmRegistrationDomain",
    ]  # fmt: skip
    gone = (await lead.data(REMOVE, input={"domain": waiting["id"]}))["removeRegistrationDomain"]
    assert gone["userErrors"] == []
    assert (await lead.data(SEE, id=str(LEA)))["organization"]["registrationDomains"] == []


@pytest.mark.rule("S1-03")
@pytest.mark.parametrize(
    ("actor", "changes", "expected"),
    [
        ("additional", {}, ("NOT_PRIMARY", "S1-03", "input.organization")),
        ("elpac-lead", {}, ("NOT_PRIMARY", "S1-03", "input.organization")),
        ("primary", {"program": "elpac"}, ("NOT_PRIMARY", "S1-03", "input.organization")),
        ("primary", {"organization": str(PARK)}, ("NOT_PRIMARY", "S1-03", "input.organization")),
        ("primary", {"domain": "gmail.com"}, ("PUBLIC_DOMAIN", "S1-03", "input.domain")),
        ("primary", {"domain": "example"}, ("INVALID_DOMAIN", "S1-03", "input.domain")),
        ("primary", {"domain": "a b.example"}, ("INVALID_DOMAIN", "S1-03", "input.domain")),
        ("primary", {"domain": "x@valley.example"}, ("INVALID_DOMAIN", "S1-03", "input.domain")),
        ("primary", {"domain": "127.0.0.1"}, ("INVALID_DOMAIN", "S1-03", "input.domain")),
        ("primary", {"organization": str(OTHER_LEA)}, ("NOT_FOUND", None, "")),
        ("site", {}, ("NOT_FOUND", None, "")),
        ("superintendent", {}, ("FORBIDDEN", None, "")),
        ("teacher", {}, ("FORBIDDEN", None, "")),
    ],
)
async def test_what_is_refused_lists_nothing(
    as_person: AsCaller,
    connection: Connection,
    actor: str,
    changes: dict[str, Any],
    expected: tuple[str, str | None, str],
) -> None:
    asked = {"organization": str(LEA), "program": "caaspp", "domain": "valley.example", "idempotencyKey": "k"}
    answer = await (await as_person(actor)).ask(LIST, input=asked | changes)
    if "errors" in answer:
        assert codes(answer)[0][0] == expected[0]
    else:
        assert errors(answer["data"]["listRegistrationDomain"]) == [expected]
    assert await connection.fetchval("select count(*) from registration_domains") == 0


@pytest.mark.rule("S1-03")
async def test_only_the_state_confirms_and_a_domain_belongs_to_one_lea(
    as_person: AsCaller, connection: Connection
) -> None:
    await connection.execute(
        "update role_assignments set \"primary\" = true where role = 'lea-coordinator' and lea_id = $1", OTHER_LEA
    )
    lead, far = await as_person("primary"), await as_person("far-lead")
    mine = (await listed(lead))["domain"]["id"]
    for asking in (lead, far, await as_person("site")):
        answer = await asking.ask(CONFIRM, input={"domain": mine})
        assert codes(answer)[0][0] == "FORBIDDEN"
    answer = await far.ask(REMOVE, input={"domain": mine})
    assert codes(answer)[0][0] == "NOT_FOUND"
    additional = await as_person("additional")
    refused = (await additional.data(REMOVE, input={"domain": mine}))["removeRegistrationDomain"]
    assert errors(refused)[0][0] == "NOT_PRIMARY"
    root = await administrator(connection, as_person)
    theirs = (await listed(far, organization=str(OTHER_LEA)))["domain"]["id"]
    assert errors(await confirmed(root, mine)) == []
    assert errors(await confirmed(root, theirs)) == [("TAKEN", "S1-03", "input.domain")]
    gone = (await root.data(REMOVE, input={"domain": mine}))["removeRegistrationDomain"]
    assert errors(gone) == []
    assert errors(await confirmed(root, theirs)) == []
    assert errors(await listed(far, organization=str(OTHER_LEA))) == [("ALREADY_LISTED", "S1-03", "input.domain")]


@pytest.mark.rule("S1-03")
def test_each_program_has_one_such_role_which_opens_tools_for_teachers_alone() -> None:
    packs = [one.pack for one in shipped_packs()]
    found = {pack.program: role for pack in packs if (role := self_registered_role(pack)) is not None}
    assert sorted(found) == ["caaspp", "elpac"]
    for pack in packs:
        role = self_registered_role(pack)
        if role is not None:
            given = {spec.permission for _, spec in pack.grants_of(role.slug)}
            assert given == {"tools-for-teachers:resources:open"}
