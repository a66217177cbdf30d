"""Registering a district's provider: its head proposes, the state confirms, and nobody else changes anything."""

import uuid
from typing import Any

import pytest

from policy.ids import ProgramCode, SchoolYear
from store.database import Connection
from tests.federation.provider import CLIENT_ID, CLIENT_SECRET, FakeProvider
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK, Caller, codes, give, person
from tests.oidc.world import OTHER_LEA, STATE, Clock

SHOWN = """id kind issuer tenant clientId redirectUri organizationName organizationCode version
    domains { domain confirmedAt } confirmedAt disabledAt"""
PAYLOAD = "{ provider { " + SHOWN + " } userErrors { path code rule message remedy } }"
REGISTER = (
    "mutation ($input: RegisterIdentityProviderInput!) { registerIdentityProvider(input: $input) " + PAYLOAD + " }"
)
CONFIRM = "mutation ($input: IdentityProviderInput!) { confirmIdentityProvider(input: $input) " + PAYLOAD + " }"
UPDATE = "mutation ($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) " + PAYLOAD + " }"
ROTATE = (
    "mutation ($input: RotateIdentityProviderSecretInput!) { rotateIdentityProviderSecret(input: $input) "
    + PAYLOAD
    + " }"
)
DISABLE = "mutation ($input: IdentityProviderInput!) { disableIdentityProvider(input: $input) " + PAYLOAD + " }"
WAITING = "{ identityProviders { id version organizationName confirmedAt domains { domain confirmedAt } } }"
OF_LEA = "query ($id: ID!) { organization(by: {id: $id}) { identityProviders { id confirmedAt } } }"
PRIMARY = "update role_assignments set \"primary\" = true where lea_id = $1 and role = 'lea-coordinator'"
GUID = "11111111-2222-3333-4444-555555555555"


async def administrator(connection: Connection, as_person: AsCaller, name: str = "integrator") -> Caller:
    await person(connection, name)
    await give(connection, name, "integration-administrator", STATE, ProgramCode("state"), SchoolYear(""))
    return await as_person(name)


def asked(provider: FakeProvider, **changes: Any) -> dict[str, Any]:
    right = {
        "organization": str(LEA), "kind": "GENERIC", "issuer": provider.issuer, "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET, "domains": ["valley.example"], "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip
    return {name: value for name, value in (right | changes).items() if value is not None}


async def proposed(asking: Caller, provider: FakeProvider, **changes: Any) -> dict[str, Any]:
    return (await asking.data(REGISTER, input=asked(provider, **changes)))["registerIdentityProvider"]


async def changed(asking: Caller, document: str, found: dict[str, Any], **more: Any) -> dict[str, Any]:
    asked = {"provider": found["id"], "expectedVersion": found["version"], **more}
    (payload,) = (await asking.data(document, input=asked)).values()
    return payload


@pytest.mark.parametrize("head", ["primary", "superintendent"])
async def test_a_head_proposes_and_the_state_confirms(
    as_person: AsCaller, connection: Connection, provider: FakeProvider, head: str
) -> None:
    lead = await as_person(head)
    made = await proposed(lead, provider, domains=["Valley.Example", "@staff.valley.example"])
    assert made["userErrors"] == []
    found = made["provider"]
    assert (found["kind"], found["issuer"], found["confirmedAt"]) == ("GENERIC", provider.issuer, None)
    assert found["redirectUri"] == f"http://localhost:8000/signin/callback/{found['id']}"
    assert [one["domain"] for one in found["domains"]] == ["staff.valley.example", "valley.example"]
    assert await connection.fetchval("select position($1 in sealed_secret) from identity_providers", b"secret") == 0
    state = await administrator(connection, as_person)
    (waiting,) = (await state.data(WAITING))["identityProviders"]
    assert (waiting["organizationName"], waiting["confirmedAt"]) == ("Valley Unified", None)
    done = await changed(state, CONFIRM, waiting)
    assert done["userErrors"] == []
    assert done["provider"]["confirmedAt"] is not None
    assert all(one["confirmedAt"] for one in done["provider"]["domains"])
    assert errors(await changed(state, CONFIRM, done["provider"])) == [
        ("CONFIRMED", "identity-providers", "input.provider")
    ]
    assert [one["action"] for one in await events(connection)] == [
        "registerIdentityProvider",
        "confirmIdentityProvider",
    ]
    assert CLIENT_SECRET not in str(await events(connection))
    shown = (await lead.data(OF_LEA, id=str(LEA)))["organization"]["identityProviders"]
    assert [one["id"] for one in shown] == [found["id"]]


async def test_sent_twice_it_is_made_once(as_person: AsCaller, connection: Connection, provider: FakeProvider) -> None:
    lead = await as_person("primary")
    first, again = [await proposed(lead, provider, idempotencyKey="once") for _ in range(2)]
    assert first["provider"]["id"] == again["provider"]["id"]
    assert await connection.fetchval("select count(*) from identity_providers") == 1


@pytest.mark.parametrize(
    ("actor", "changes", "expected"),
    [
        ("additional", {}, ("NOT_HEAD", "identity-providers", "input.organization")),
        ("primary", {"organization": str(PARK)}, ("WRONG_LEVEL", "identity-providers", "input.organization")),
        ("primary", {"kind": "ENTRA"}, ("INVALID_TENANT", "identity-providers", "input.tenant")),
        ("primary", {"kind": "ENTRA", "tenant": "common"}, ("INVALID_TENANT", "identity-providers", "input.tenant")),
        ("primary", {"kind": "ENTRA", "tenant": GUID}, ("ISSUER", "identity-providers", "input.issuer")),
        ("primary", {"kind": "GOOGLE", "tenant": "x"}, ("NO_TENANT", "identity-providers", "input.tenant")),
        ("primary", {"tenant": "x"}, ("NO_TENANT", "identity-providers", "input.tenant")),
        ("primary", {"issuer": None}, ("ISSUER", "identity-providers", "input.issuer")),
        ("primary", {"issuer": "https://accounts.google.com"}, ("SHARED_ISSUER", "identity-providers", "input.issuer")),
        (
            "primary",
            {"issuer": f"https://login.microsoftonline.com/{GUID}/v2.0"},
            ("SHARED_ISSUER", "identity-providers", "input.issuer"),
        ),
        ("primary", {"issuer": "http://valley.example"}, ("UNUSABLE", "identity-providers", "input.issuer")),
        ("primary", {"issuer": "https://169.254.169.254"}, ("UNUSABLE", "identity-providers", "input.issuer")),
        ("primary", {"issuer": "http://localhost:8000"}, ("UNUSABLE", "identity-providers", "input.issuer")),
        ("primary", {"issuer": "file:///etc/passwd"}, ("UNUSABLE", "identity-providers", "input.issuer")),
        ("primary", {"domains": []}, ("NUMBER", "identity-providers", "input.domains")),
        ("primary", {"domains": ["gmail.com"]}, ("PUBLIC_DOMAIN", "identity-providers", "input.domains")),
        ("primary", {"domains": ["k12.ca.us"]}, ("SHARED_DOMAIN", "identity-providers", "input.domains")),
        ("primary", {"clientId": " "}, ("INVALID_CLIENT_ID", "identity-providers", "input.clientId")),
        ("primary", {"clientSecret": " "}, ("INVALID_SECRET", "identity-providers", "input.clientSecret")),
        ("primary", {"organization": str(OTHER_LEA)}, ("NOT_FOUND", None, "")),
        ("site", {}, ("NOT_FOUND", None, "")),
        ("teacher", {}, ("FORBIDDEN", None, "")),
    ],
)
async def test_what_is_refused_registers_nothing(
    as_person: AsCaller,
    connection: Connection,
    provider: FakeProvider,
    actor: str,
    changes: dict[str, Any],
    expected: tuple[str, str | None, str],
) -> None:
    answer = await (await as_person(actor)).ask(REGISTER, input=asked(provider, **changes))
    if "errors" in answer:
        assert codes(answer)[0][0] == expected[0]
    else:
        assert errors(answer["data"]["registerIdentityProvider"]) == [expected]
    assert await connection.fetchval("select count(*) from identity_providers") == 0
    assert provider.calls == []  # nobody makes the gateway call anywhere before it is known who asks


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"token_endpoint": "https://10.0.0.1/token#"},
        {"jwks_uri": 7},
        {"response_types_supported": ["id_token"]},
        {"code_challenge_methods_supported": ["plain"]},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
    ],
)
@pytest.mark.checklist(20)
async def test_metadata_that_cannot_be_used(
    as_person: AsCaller, connection: Connection, provider: FakeProvider, metadata: dict[str, Any]
) -> None:
    """OpenID Connect Discovery 4.3: the issuer is exactly the one that was asked; endpoints are reachable ones."""
    provider.metadata = metadata
    made = await proposed(await as_person("primary"), provider)
    assert errors(made) == [("UNUSABLE", "identity-providers", "input.issuer")]
    assert await connection.fetchval("select count(*) from identity_providers") == 0


async def test_a_domain_belongs_to_one_lea(as_person: AsCaller, connection: Connection, provider: FakeProvider) -> None:
    """Also below and above it, also one that looks like it, and also where it is confirmed for registering oneself."""
    await connection.execute(PRIMARY, OTHER_LEA)
    state, lead, far = (
        await administrator(connection, as_person),
        await as_person("primary"),
        await as_person("far-lead"),
    )
    theirs = (await proposed(far, provider, organization=str(OTHER_LEA), domains=["bay.example"]))["provider"]
    assert errors(await changed(state, CONFIRM, theirs)) == []
    for domain, code in (
        ("bay.example", "TAKEN"),
        ("staff.bay.example", "TAKEN"),
        ("ba-y.example", "LOOKS_LIKE"),
    ):
        refused = await proposed(lead, provider, domains=[domain], issuer="https://valley-idp.example")
        assert errors(refused) == [(code, "identity-providers", "input.domains")]
    await connection.execute(
        "insert into registration_domains (id, organization_id, program, domain, listed_by, listed_at, confirmed_by, "
        "confirmed_at) select gen_random_uuid(), $1, 'caaspp', 'sand.example', a.id, now(), b.id, now() "
        "from users a, users b where a.email = 'far-lead@valley.example' and b.email = 'primary@valley.example'",
        OTHER_LEA,
    )
    refused = await proposed(lead, provider, domains=["sand.example"], issuer="https://valley-idp.example")
    assert errors(refused) == [("TAKEN", "identity-providers", "input.domains")]
    refused = await proposed(lead, provider)
    assert errors(refused) == [("SHARED_ISSUER", "identity-providers", "input.issuer")]


async def test_two_proposals_of_one_domain_and_only_the_first_is_confirmed(
    as_person: AsCaller, connection: Connection, provider: FakeProvider
) -> None:
    await connection.execute(PRIMARY, OTHER_LEA)
    state, lead, far = (
        await administrator(connection, as_person),
        await as_person("primary"),
        await as_person("far-lead"),
    )
    mine = (await proposed(lead, provider))["provider"]
    await connection.execute("update identity_providers set issuer = 'https://valley-idp.example'")
    theirs = (await proposed(far, provider, organization=str(OTHER_LEA)))["provider"]
    assert errors(await changed(state, CONFIRM, mine)) == []
    assert errors(await changed(state, CONFIRM, theirs)) == [("TAKEN", "identity-providers", "input.domains")]


async def test_only_the_state_confirms_and_nobody_her_own(
    as_person: AsCaller, connection: Connection, provider: FakeProvider
) -> None:
    lead = await as_person("primary")
    made = (await proposed(lead, provider))["provider"]
    for name in ("primary", "superintendent", "far-lead"):
        answer = await (await as_person(name)).ask(
            CONFIRM, input={"provider": made["id"], "expectedVersion": made["version"]}
        )
        assert codes(answer)[0][0] == "FORBIDDEN"
    await give(connection, "primary", "integration-administrator", STATE, ProgramCode("state"), SchoolYear(""))
    both = await as_person("primary", "integration-administrator", "state")
    answer = await both.ask(WAITING)
    if "errors" not in answer:
        assert errors(await changed(both, CONFIRM, made)) == [("OWN_PROPOSAL", "identity-providers", "input.provider")]


async def test_changes_are_seen_versions_and_fresh_sign_ins(
    as_person: AsCaller, connection: Connection, provider: FakeProvider, clock: Clock
) -> None:
    lead, state = await as_person("primary"), await administrator(connection, as_person)
    made = (await proposed(lead, provider))["provider"]
    confirmed = (await changed(state, CONFIRM, made))["provider"]
    assert errors(await changed(lead, ROTATE, made, clientSecret="new")) == [
        ("CHANGED", "identity-providers", "input.expectedVersion")
    ]
    rotated = (await changed(lead, ROTATE, confirmed, clientSecret="new"))["provider"]
    widened = await changed(lead, UPDATE, rotated, domains=["valley.example", "staff.example"])
    assert [(one["domain"], bool(one["confirmedAt"])) for one in widened["provider"]["domains"]] == [
        ("staff.example", False), ("valley.example", True),
    ]  # fmt: skip
    answer = await (await as_person("far-lead")).ask(
        DISABLE, input={"provider": made["id"], "expectedVersion": widened["provider"]["version"]}
    )
    assert codes(answer)[0][0] == "NOT_FOUND"
    clock.forward(minutes=11)
    stale = await changed(lead, ROTATE, widened["provider"], clientSecret="newer")
    assert errors(stale) == [("STEP_UP", None, "input")]
    disabled = await changed(lead, DISABLE, widened["provider"])
    assert disabled["provider"]["disabledAt"] is not None
    assert [one["action"] for one in await events(connection)][-3:] == [
        "rotateIdentityProviderSecret", "updateIdentityProvider", "disableIdentityProvider",
    ]  # fmt: skip
