"""Attacks on the consent page: framing, forged and changed forms, other sessions (RFC 9700 sections 4.7 and 4.16)."""

import pytest

from store.database import Connection
from tests.consent.conftest import Visitor, asks_for_consent, sealed
from tests.oidc.world import PARK, csrf, person


async def _nothing_allowed(connection: Connection) -> bool:
    kept = await connection.fetchval("select (select count(*) from consents) + (select count(*) from authorizations)")
    return kept == 0


@pytest.mark.checklist("34 consent")
async def test_the_consent_page_is_never_framed(visitor: Visitor) -> None:
    page = await visitor.authorize()
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"


@pytest.mark.checklist("35 the referrer", "35 content of other hosts")
async def test_the_consent_page_loads_nothing_from_elsewhere_and_tells_nobody_of_itself(visitor: Visitor) -> None:
    page = await visitor.authorize()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://reports.example" in policy
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert "://" not in page.text.replace("http://localhost:8000", "").replace("http://www.w3.org", "")


@pytest.mark.checklist(39)
@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        ({"Origin": "https://evil.example"}, {}),
        ({"Sec-Fetch-Site": "cross-site"}, {}),
        ({}, {"csrf": "0" * 64}),
        ({}, {"csrf": ""}),
    ],
)
async def test_another_site_cannot_allow_in_her_place(
    visitor: Visitor, connection: Connection, headers: dict[str, str], changes: dict[str, str]
) -> None:
    page = await visitor.authorize()
    form = {"csrf": csrf(page), "consent": sealed(page), "decision": "allow", **changes}
    answer = await visitor.http.post("/oauth2/consent", data=form, headers=headers)
    assert answer.status_code == 403
    assert await _nothing_allowed(connection)


@pytest.mark.parametrize("position", [0, 20, -2])
async def test_a_changed_form_is_refused(visitor: Visitor, connection: Connection, position: int) -> None:
    page = await visitor.authorize()
    text = sealed(page)
    other = "A" if text[position] != "A" else "B"
    changed = text[:position] + other + text[position:][1:]
    answer = await visitor.decide(page, consent=changed)
    assert answer.status_code == 400
    assert await _nothing_allowed(connection)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é", "A" * 4000])
async def test_an_invented_form_is_refused(visitor: Visitor, connection: Connection, text: str) -> None:
    answer = await visitor.decide(await visitor.authorize(), consent=text)
    assert answer.status_code == 400
    assert await _nothing_allowed(connection)


@pytest.mark.parametrize("decision", ["", "ALLOW", "yes"])
async def test_only_a_clear_answer_counts(visitor: Visitor, connection: Connection, decision: str) -> None:
    answer = await visitor.decide(await visitor.authorize(), decision)
    assert answer.status_code == 400
    assert await _nothing_allowed(connection)


async def test_what_is_added_to_the_form_changes_nothing(visitor: Visitor, connection: Connection) -> None:
    page = await visitor.authorize(scope="openid")
    await visitor.decide(
        page, scope="openid email directory.read", client_id="reporting", redirect_uri="https://evil.example"
    )
    row = await connection.fetchrow("select client_id, scope from authorizations")
    assert row is not None
    assert (row["client_id"], row["scope"]) == ("reporting-vendor", "openid")
    assert asks_for_consent(await visitor.authorize(scope="openid email"))


async def test_a_form_of_another_person_is_refused(visitor: Visitor, connection: Connection) -> None:
    page = await visitor.authorize()
    await person(connection, "bo", ("site-coordinator", PARK))
    await visitor.sign_in("bo")
    own = await visitor.authorize()
    answer = await visitor.decide(page, csrf=csrf(own))
    assert answer.status_code == 403
    assert await _nothing_allowed(connection)


async def test_a_form_without_a_session_is_refused(visitor: Visitor, connection: Connection) -> None:
    page = await visitor.authorize()
    visitor.http.cookies.clear()
    assert (await visitor.decide(page)).status_code == 403
    assert await _nothing_allowed(connection)


async def test_the_page_is_only_posted(visitor: Visitor) -> None:
    assert (await visitor.http.get("/oauth2/consent")).status_code == 405
