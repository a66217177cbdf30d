"""A new sign-in is asked for: at a district's provider it counts only where the provider says when it was (Core 2)."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from gateway.state import Gateway
from policy.federation import ProviderKind
from policy.ids import UserId
from store.database import Connection
from store.identity_providers import ProviderId
from tests.federation.district import come_back, go, linked, registered, sessions
from tests.federation.provider import FakeProvider
from tests.oidc.world import NOW, PARK, PASSWORD, SECRET, Browser, Clock, claims_of, csrf, ident, person, returned

pytestmark = [pytest.mark.checklist(29), pytest.mark.checklist(51)]
AAL2 = "urn:hallpass:aal2"
DEMANDS: list[dict[str, str | None]] = [{"prompt": "login"}, {"max_age": "0"}]


@pytest.fixture
async def registration(
    gateway: Gateway, provider: FakeProvider, connection: Connection, clock: Clock, browser: Browser
) -> ProviderId:
    """Ana is linked; an hour later she sits at her browser, which has no session here."""
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    found = await registered(gateway, provider)
    await linked(gateway, found, provider, ana)
    clock.forward(hours=1)
    return found


def asked_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def way_on(browser: Browser, **demand: str | None) -> str:
    """Where the sign-in page leads back to."""
    answer = await browser.authorize(**demand)
    assert answer.headers["location"].startswith("/signin?"), answer.headers["location"]
    return asked_of(answer.headers["location"])["next"]


async def there_and_back(
    browser: Browser, registration: ProviderId, provider: FakeProvider, onward: str, seconds: float = 20
) -> httpx2.Response:
    """The clock goes on while she is there."""
    answer = provider.authorize(await go(browser, registration, onward))
    provider.clock.forward(seconds=seconds)
    return await come_back(browser, registration, answer)


async def id_token(browser: Browser, answer: httpx2.Response) -> dict[str, Any]:
    code = returned(await browser.http.get(answer.headers["location"]))["code"]
    return claims_of((await browser.redeem(code)).json()["id_token"])


def at(clock: Clock, **ago: float) -> int:
    return int((clock.now - timedelta(**ago)).timestamp())


@pytest.mark.parametrize("demand", DEMANDS)
async def test_a_proof_that_the_provider_dates_is_one(
    registration: ProviderId, browser: Browser, provider: FakeProvider, clock: Clock, demand: dict[str, str | None]
) -> None:
    onward = await way_on(browser, **demand)
    address = await go(browser, registration, onward)
    asked = asked_of(address)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    answer = provider.authorize(address)
    clock.forward(seconds=20)
    provider.claims = {"auth_time": at(clock, seconds=5)}
    entered = await come_back(browser, registration, answer)
    assert (await id_token(browser, entered))["auth_time"] == at(clock, seconds=5)


@pytest.mark.parametrize("demand", DEMANDS)
@pytest.mark.parametrize(
    "said",
    [
        None,
        at(Clock(), hours=3),
        at(Clock(), hours=-1, seconds=70),
        at(Clock(), hours=-2),
        True,
        "now",
        float("nan"),
        0,
        -1,
    ],
)
async def test_any_other_is_none_and_her_password_is_asked_for(
    registration: ProviderId,
    browser: Browser,
    provider: FakeProvider,
    connection: Connection,
    said: object,
    demand: dict[str, str | None],
) -> None:
    """Missing, from before she set out, from the future, or no time: no session begins."""
    provider.clock.forward(seconds=130)
    onward = await way_on(browser, **demand)
    provider.claims = {"auth_time": said}
    answer = await there_and_back(browser, registration, provider, onward)
    to = answer.headers["location"]
    assert (answer.status_code, asked_of(to)) == (303, {"next": onward, "why": "not-fresh"})
    assert await sessions(connection, UserId(ident("ana"))) == []
    page = await browser.http.get(to)
    assert "your district didn&#39;t say that you have just signed in there" in page.text
    form = {"email": "ana@example.org", "password": PASSWORD, "next": onward, "csrf": csrf(page)}
    entered = await browser.http.post("/signin", data=form)
    assert (await id_token(browser, entered))["auth_time"] == int(provider.clock.now.timestamp())


async def test_who_has_no_password_can_t_prove_herself_anew(
    registration: ProviderId, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    await connection.execute("update users set password_hash = null")
    onward = await way_on(browser, prompt="login")
    answer = await there_and_back(browser, registration, provider, onward)
    back = returned(answer)
    assert answer.headers["location"].startswith("https://reports.example/callback?")
    assert (back["error"], back["state"], back["iss"]) == ("login_required", "s-1", "http://localhost:8000")
    assert await sessions(connection, UserId(ident("ana"))) == []


@pytest.mark.parametrize("demand", DEMANDS)
@pytest.mark.parametrize("said", [None, at(Clock(), hours=3)])
async def test_the_way_around_gains_nothing(
    registration: ProviderId, browser: Browser, provider: FakeProvider, said: object, demand: dict[str, str | None]
) -> None:
    """A silent sign-in for another page, then the request's own address: its proof is as old as it is."""
    onward = await way_on(browser, **demand)
    provider.claims = {"auth_time": said}
    assert (await there_and_back(browser, registration, provider, "/account")).headers["location"] == "/account"
    again = await browser.http.get(onward)
    assert again.headers["location"].startswith("/signin?"), again.headers["location"]


async def test_where_nothing_is_asked_the_session_is_as_old_as_its_proof(
    registration: ProviderId, browser: Browser, provider: FakeProvider, clock: Clock
) -> None:
    """Undated, it is as old as the last proof that is known: the one here with which she linked it."""
    provider.claims = {"auth_time": at(clock, minutes=40)}
    entered = await there_and_back(browser, registration, provider, await way_on(browser))
    assert (await id_token(browser, entered))["auth_time"] == at(clock, minutes=40, seconds=20)
    browser.http.cookies.clear()
    provider.claims = {}
    entered = await there_and_back(browser, registration, provider, await way_on(browser))
    assert (await id_token(browser, entered))["auth_time"] == int((NOW - timedelta(minutes=10)).timestamp())
    clock.forward(seconds=1)
    assert (await browser.authorize(max_age="3600")).headers["location"].startswith("/signin?")


@pytest.mark.parametrize(("minutes", "counts"), [(50, True), (70, False)])
async def test_max_age_is_measured_at_the_provider_s_proof(
    registration: ProviderId, browser: Browser, provider: FakeProvider, clock: Clock, minutes: int, counts: bool
) -> None:
    onward = await way_on(browser, max_age="3600")
    asked = asked_of(await go(browser, registration, onward))
    assert (asked["max_age"], "prompt" in asked) == ("3600", False)
    provider.claims = {"auth_time": at(clock, minutes=minutes)}
    answer = await there_and_back(browser, registration, provider, onward)
    assert answer.headers["location"].startswith("/oauth2/authorize?") is counts
    if counts:
        assert (await id_token(browser, answer))["auth_time"] == at(clock, minutes=minutes, seconds=20)


async def test_a_late_clock_at_the_provider_is_not_held_against_her(
    registration: ProviderId, browser: Browser, provider: FakeProvider, clock: Clock
) -> None:
    onward = await way_on(browser, prompt="login")
    set_out = int(clock.now.timestamp())
    provider.claims = {"auth_time": set_out - 40}
    entered = await there_and_back(browser, registration, provider, onward)
    assert (await id_token(browser, entered))["auth_time"] == set_out


async def test_a_pushed_request_asks_for_it_too(
    registration: ProviderId, browser: Browser, provider: FakeProvider, clock: Clock
) -> None:
    """Its address names nothing of it (RFC 9126): the stamp does."""
    pushed = await browser.http.post("/oauth2/par", data=browser.request(prompt="login"), auth=("reporting", SECRET))
    asked = {"client_id": "reporting", "request_uri": pushed.json()["request_uri"]}
    answer = await browser.http.get("/oauth2/authorize", params=asked)
    onward = asked_of(answer.headers["location"])["next"]
    assert asked_of(await go(browser, registration, onward))["prompt"] == "login"
    refused = await there_and_back(browser, registration, provider, onward)
    assert asked_of(refused.headers["location"])["why"] == "not-fresh"
    provider.claims = {"auth_time": int(clock.now.timestamp()) + 1}
    entered = await there_and_back(browser, registration, provider, onward)
    assert "code" in returned(await browser.http.get(entered.headers["location"]))


async def test_what_somebody_else_writes_into_the_address_asks_for_nothing(
    registration: ProviderId, browser: Browser
) -> None:
    onward = await way_on(browser)
    for other in (
        "/oauth2/authorize?prompt=login&max_age=0",
        onward.replace("signed_in_after=", "max_age=0&signed_in_after="),
        onward.replace("signed_in_after=", "signed_in_after=9"),
    ):
        asked = asked_of(await go(browser, registration, other))
        assert ("prompt" in asked, asked["max_age"]) == (False, "2592000")


async def test_another_account_may_be_chosen_there_whatever_the_age(
    registration: ProviderId, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """select_account, and an id_token_hint at somebody else than the one whose session it is."""
    await person(connection, "bo", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    hint = (await browser.tokens())["id_token"]
    await browser.sign_in("bo")
    for demand in ({"prompt": "select_account"}, {"id_token_hint": hint}):
        onward = await way_on(browser, **demand)
        assert asked_of(await go(browser, registration, onward))["prompt"] == "login"
        provider.clock.forward(seconds=1)
        entered = await there_and_back(browser, registration, provider, onward)
        assert (await id_token(browser, entered))["sub"] == str(ident("ana"))
        browser.http.cookies.clear()
        await browser.sign_in("bo")


KINDS: list[tuple[ProviderKind, str, dict[str, str]]] = [
    (ProviderKind.GOOGLE, "", {"prompt": "select_account", "claims": '{"id_token":{"auth_time":{"essential":true}}}',
                               "login_hint": "ana@valley.example"}),
    (ProviderKind.ENTRA, "11111111-2222-3333-4444-555555555555",
     {"prompt": "login", "login_hint": "ana@valley.example"}),
    (ProviderKind.CLASSLINK, "123", {}),
    (ProviderKind.CLEVER, "0123456789abcdef01234567", {}),
    (ProviderKind.GENERIC, "", {"prompt": "login", "max_age": "0", "login_hint": "ana@valley.example",
                                "ui_locales": "es en-US"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "tenant", "expected"), KINDS)
async def test_each_kind_is_asked_for_what_it_knows(
    gateway: Gateway, browser: Browser, provider: FakeProvider, kind: ProviderKind, tenant: str,
    expected: dict[str, str],
) -> None:  # fmt: skip
    """Google knows no prompt=login; its auth_time is a claim that is asked for."""
    found = await registered(gateway, provider, kind=kind, tenant=tenant)
    onward = await way_on(browser, prompt="login")
    params = {"next": onward, "login_hint": "ana@valley.example", "ui_locales": "es en-US"}
    answer = await browser.http.get(f"/signin/district/{found}", params=params)
    asked = asked_of(answer.headers["location"])
    optional = ("prompt", "max_age", "claims", "login_hint", "ui_locales")
    assert {name: asked[name] for name in optional if name in asked} == expected


async def test_the_district_s_page_carries_along_what_was_asked_for(
    registration: ProviderId, browser: Browser, provider: FakeProvider
) -> None:
    """The level, the hint and the languages, to the provider and to the password form alike."""
    answer = await browser.authorize(acr_values=AAL2, login_hint="ana@valley.example", ui_locales="es")
    sent = asked_of(answer.headers["location"])
    assert {name: sent[name] for name in ("acr", "login_hint", "ui_locales")} == {
        "acr": AAL2, "login_hint": "ana@valley.example", "ui_locales": "es",
    }  # fmt: skip
    page = await browser.http.get(answer.headers["location"])
    assert f'name="login_hint" value="{sent["login_hint"]}"' in page.text
    form = {"email": sent["login_hint"], "csrf": csrf(page), **sent}
    district = await browser.http.post("/signin/district", data=form)
    links = [link.replace("&amp;", "&") for link in district.text.split('href="')]
    password = next(link.split('"')[0] for link in links if link.startswith("/signin?"))
    launch = next(link.split('"')[0] for link in links if link.startswith(f"/signin/district/{registration}"))
    assert (asked_of(password), asked_of(launch)) == (sent, sent)
    assert f'name="acr" value="{AAL2}"' in (await browser.http.get(password)).text
    asked = asked_of((await browser.http.get(launch)).headers["location"])
    assert (asked["login_hint"], asked["ui_locales"]) == ("ana@valley.example", "es")


@pytest.mark.checklist("43 sign-in")
@pytest.mark.parametrize("hint", ["", "bo@valley.example"])
async def test_an_address_that_was_typed_stands_in_no_address_of_ours(
    registration: ProviderId, browser: Browser, hint: str
) -> None:
    """Histories and logs keep those; nor is another person's hint sent along to the district of whoever typed."""
    sent = asked_of((await browser.authorize(**({"login_hint": hint} if hint else {}))).headers["location"])
    page = await browser.http.get("/signin", params=sent)
    form = {**sent, "email": "ana@valley.example", "csrf": csrf(page)}
    district = await browser.http.post("/signin/district", data=form)
    links = [link.split('"')[0].replace("&amp;", "&") for link in district.text.split('href="')]
    found = [link for link in links if link.startswith(("/signin?", f"/signin/district/{registration}"))]
    assert [asked_of(link) for link in found] == [{name: sent[name] for name in sent if name != "login_hint"}] * 2
    assert 'value="ana@valley.example"' in district.text, "it stays in its field"


async def test_the_level_comes_along_from_a_way_that_does_not_count(
    registration: ProviderId, browser: Browser, provider: FakeProvider
) -> None:
    answer = await browser.authorize(acr_values=AAL2, prompt="login")
    sent = asked_of(answer.headers["location"])
    launch = await browser.http.get(f"/signin/district/{registration}", params=sent)
    refused = await come_back(browser, registration, provider.authorize(launch.headers["location"]))
    assert asked_of(refused.headers["location"]) == sent | {"why": "not-fresh"}
