"""Consent at the authorize endpoint (OpenID Connect Core 3.1.2.4, ASVS 5 sections 10.7.1 to 10.7.3)."""

import json

import pytest

from policy.ids import UserId
from store.database import Connection
from tests.consent.conftest import NATIVE, OWN_NATIVE, Visitor, asks_for_consent
from tests.oidc.world import HILL, PARK, Browser, Clock, give, ident, person, returned, take_all

NARROW = json.dumps([{"type": "assessment_access", "actions": ["results:view"], "assessments": ["interim"]}])
NARROWER = json.dumps(
    [{"type": "assessment_access", "actions": ["results:view"], "assessments": ["interim"], "program": "caaspp"}]
)
OTHER = json.dumps([{"type": "assessment_access", "actions": ["student-groups:manage"]}])


async def test_the_states_own_are_let_in_without_a_question(visitor: Visitor) -> None:
    assert "code" in returned(await Browser(visitor.http).authorize())


@pytest.mark.checklist("52 without consent")
async def test_others_ask_once(visitor: Visitor) -> None:
    page = await visitor.authorize()
    assert asks_for_consent(page)
    assert "code" in returned(await visitor.decide(page))
    assert "code" in returned(await visitor.authorize())
    assert "code" in returned(await visitor.authorize(prompt="none"))


async def test_the_page_says_which_system_wants_what_as_whom(visitor: Visitor) -> None:
    page = await visitor.authorize(scope="openid profile email assessment")
    for words in (
        "Vendor &lt;Reports&gt;", "Ana Example", "ana@example.org", "Site CAASPP Coordinator, 2026-27",
        "Park Elementary", "reports.example", "isn't run by the state",
    ):  # fmt: skip
        assert words in page.text, words
    assert "phone" not in page.text.lower()


@pytest.mark.checklist("52 without consent")
@pytest.mark.conformance("fapi2-security-profile-final-user-rejects-authentication")
async def test_refusing_is_access_denied_and_nothing_is_kept(visitor: Visitor, connection: Connection) -> None:
    answer = returned(await visitor.decide(await visitor.authorize(), "refuse"))
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "s-1", "http://localhost:8000")
    assert await connection.fetchval("select count(*) from consents") == 0
    assert await connection.fetchval("select count(*) from authorizations") == 0
    assert asks_for_consent(await visitor.authorize())


@pytest.mark.checklist(29)
async def test_prompt_none_is_consent_required(visitor: Visitor) -> None:
    """OpenID Connect Core 3.1.2.6."""
    assert returned(await visitor.authorize(prompt="none"))["error"] == "consent_required"


@pytest.mark.parametrize("own", [False, True])
async def test_prompt_consent_always_asks(visitor: Visitor, own: bool) -> None:
    at = Visitor(visitor.http) if own else visitor
    await at.decide(await at.authorize(prompt="consent"))
    page = await at.authorize(prompt="consent")
    assert asks_for_consent(page)
    assert "code" in returned(await at.decide(page))


@pytest.mark.parametrize(
    ("first", "then", "asked_again"),
    [
        ({"scope": "openid"}, {"scope": "openid email"}, True),
        ({"scope": "openid email"}, {"scope": "openid"}, False),
        ({}, {"authorization_details": NARROW}, False),
        ({"authorization_details": NARROW}, {}, True),
        ({"authorization_details": NARROW}, {"authorization_details": NARROWER}, False),
        ({"authorization_details": NARROWER}, {"authorization_details": NARROW}, True),
        ({"authorization_details": NARROW}, {"authorization_details": OTHER}, True),
    ],
)
@pytest.mark.checklist("52 without consent")
async def test_more_than_was_allowed_is_asked_for_again(
    visitor: Visitor, first: dict[str, str], then: dict[str, str], asked_again: bool
) -> None:
    await visitor.decide(await visitor.authorize(**first))
    assert asks_for_consent(await visitor.authorize(**then)) is asked_again


async def test_another_role_is_asked_for_again(visitor: Visitor, connection: Connection) -> None:
    await visitor.decide(await visitor.authorize())
    ana = UserId(ident("ana"))
    await take_all(connection, ana)
    await give(connection, ana, "educator-test-site", PARK)
    assert asks_for_consent(await visitor.authorize())


async def test_another_system_of_the_client_is_asked_for_again(visitor: Visitor, connection: Connection) -> None:
    await visitor.decide(await visitor.authorize())
    await connection.execute("update relying_parties set systems = '{cers,thss}' where client_id = 'reporting-vendor'")
    assert asks_for_consent(await visitor.authorize())


async def test_one_persons_consent_is_not_anothers(visitor: Visitor, connection: Connection) -> None:
    await visitor.decide(await visitor.authorize())
    await person(connection, "bo", ("site-coordinator", PARK))
    await visitor.sign_in("bo")
    assert asks_for_consent(await visitor.authorize())


@pytest.mark.parametrize(
    ("client", "uri"),
    [
        (NATIVE, NATIVE.redirect_uris[0]),
        (NATIVE, NATIVE.redirect_uris[1]),
        (OWN_NATIVE, "http://127.0.0.1:4711/callback"),
    ],
)
@pytest.mark.checklist("52 without consent")
async def test_an_unverified_client_always_asks(visitor: Visitor, client: object, uri: str) -> None:
    """ASVS 10.7.1, RFC 8252 section 8.6: without a secret anybody can use the id; at a loopback address, answer too."""
    at = Visitor(visitor.http, client)  # pyright: ignore[reportArgumentType]
    for _ in range(2):
        page = await at.authorize(redirect_uri=uri)
        assert asks_for_consent(page)
        assert "can't verify" in page.text.replace("&#39;", "'")
        assert "code" in returned(await at.decide(page))
    assert returned(await at.authorize(redirect_uri=uri, prompt="none"))["error"] == "consent_required"


async def test_the_states_own_without_a_secret_has_its_page_on_the_web(visitor: Visitor) -> None:
    at = Visitor(visitor.http, OWN_NATIVE)
    assert "code" in returned(await at.authorize(redirect_uri=OWN_NATIVE.redirect_uris[0]))


async def test_where_access_changed_since_the_page_it_is_shown_again(visitor: Visitor, connection: Connection) -> None:
    page = await visitor.authorize()
    await give(connection, UserId(ident("ana")), "site-coordinator", HILL)
    again = await visitor.decide(page)
    assert asks_for_consent(again)
    assert "Hill Elementary" in again.text
    assert "code" in returned(await visitor.decide(again))


async def test_a_page_that_lay_long_is_shown_again(visitor: Visitor, clock: Clock) -> None:
    page = await visitor.authorize()
    clock.forward(minutes=11)
    answer = await visitor.decide(page)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/oauth2/authorize?")
    assert asks_for_consent(await visitor.http.get(answer.headers["location"]))


async def test_what_is_allowed_is_in_the_audit(visitor: Visitor, connection: Connection) -> None:
    await visitor.decide(await visitor.authorize(scope="openid email"))
    event = await connection.fetchrow("select * from audit_events where action = 'giveConsent'")
    assert event is not None
    assert event["after"]["client"] == "reporting-vendor"
    assert event["after"]["scopes"] == ["email", "openid"]
    assert "ana@" not in json.dumps(event["after"])
