"""From the launchpad into a system: the authorization is made under the role of the tab (S4-06)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from policy.ids import UserId
from store.database import Connection
from tests.consent.conftest import CAASPP_ROLE, ELPAC_ROLE, VENDOR, Visitor
from tests.oidc.world import (
    ELPAC,
    HILL,
    PARK,
    REPORTING,
    SCORING,
    Browser,
    Clock,
    bearer,
    claims_of,
    csrf,
    give,
    ident,
    person,
    returned,
    sign,
    take_all,
)


async def launch(at: Browser, context: str, client: str = "reporting") -> str:
    answer = await at.http.get(f"/launch/{client}", params={"as": context})
    sent = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, sent["iss"], sent["from"]) == (303, ["http://localhost:8000"], ["launchpad"])
    return sent["launch"][0]


def role_in(tokens: dict[str, object]) -> tuple[str, list[str]]:
    active = claims_of(str(tokens["id_token"]))["assessment"]["active_role"]
    return active["program"], active["organizations"]


@pytest.mark.rule("S4-06")
async def test_s4_06_each_launch_is_let_in_under_the_role_of_its_tab(at: Browser) -> None:
    caaspp, elpac = await launch(at, CAASPP_ROLE), await launch(at, ELPAC_ROLE)
    assert role_in(await at.tokens(launch=elpac))[0] == "elpac"
    assert role_in(await at.tokens(launch=caaspp))[0] == "caaspp"


async def test_a_system_that_sends_no_launch_is_let_in_under_the_last_one(at: Browser) -> None:
    for context, program in ((ELPAC_ROLE, "elpac"), (CAASPP_ROLE, "caaspp"), (ELPAC_ROLE, "elpac")):
        await launch(at, context)
        assert role_in(await at.tokens())[0] == program


async def test_a_launch_is_for_one_authorization_and_for_minutes(at: Browser, clock: Clock) -> None:
    await launch(at, ELPAC_ROLE)
    await launch(at, ELPAC_ROLE)
    assert role_in(await at.tokens())[0] == "elpac"
    assert role_in(await at.tokens())[0] == "caaspp"
    late = await launch(at, ELPAC_ROLE)
    clock.forward(minutes=6)
    assert role_in(await at.tokens(launch=late))[0] == "caaspp"


@pytest.mark.rule("S1-20")
async def test_s1_20_a_narrowed_role_stays_narrowed_in_all_that_comes_from_it(
    at: Browser, connection: Connection
) -> None:
    """Token, refresh, userinfo and introspection follow the one organization, and end with the role there."""
    everywhere = role_in(await at.tokens(launch=await launch(at, CAASPP_ROLE)))
    assert everywhere == ("caaspp", ["school:19647331930000", "school:19647331930001"])
    narrowed = await at.tokens(launch=await launch(at, f"{CAASPP_ROLE}@{HILL}"))
    assert role_in(narrowed) == ("caaspp", ["school:19647331930001"])
    assert {place for one in narrowed["authorization_details"] for place in one["organizations"]} == {
        "school:19647331930001"
    }
    told = (await at.http.get("/oauth2/userinfo", headers=bearer(narrowed["access_token"]))).json()
    assert told["assessment"]["active_role"]["organizations"] == ["school:19647331930001"]
    renewed = (await at.refresh(narrowed["refresh_token"])).json()
    assert claims_of(renewed["access_token"])["assessment"]["active_role"]["organizations"] == ["school:19647331930001"]
    await connection.execute("delete from role_assignments where organization_id = $1", HILL)
    await take_all(connection, UserId(ident("ana")), "nothing")
    assert (await at.refresh(renewed["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_union_relying_party_is_told_all_roles_all_the_same(at: Browser) -> None:
    union = Browser(at.http, SCORING)
    await launch(at, f"{ELPAC_ROLE}@{PARK}", "scoring")
    tokens = await union.tokens()
    assert {one["program"] for one in tokens["authorization_details"]} >= {"caaspp"}
    assert len({place for one in tokens["authorization_details"] for place in one["organizations"]}) == 2


@pytest.mark.parametrize("token", ["x", "", "a" * 43])
async def test_an_invented_launch_chooses_nothing(at: Browser, token: str) -> None:
    assert role_in(await at.tokens(launch=token))[0] == "caaspp"


async def test_a_launch_of_another_person_or_client_chooses_nothing(at: Browser, connection: Connection) -> None:
    await connection.execute("update relying_parties set first_party = true where client_id = $1", VENDOR.client_id)
    hers = await launch(at, ELPAC_ROLE)
    vendor = Visitor(at.http, REPORTING)
    vendor.client = VENDOR
    answer = await vendor.authorize(launch=hers)
    assert "code" in returned(answer)
    row = await connection.fetchval("select active_program from authorizations where client_id = $1", VENDOR.client_id)
    assert row == "caaspp"
    bo = await person(connection, "bo", ("site-coordinator", PARK))
    await sign(connection, bo, ELPAC)
    await give(connection, bo, "site-coordinator", PARK, ELPAC)
    await at.sign_in("bo")
    assert role_in(await at.tokens(launch=hers))[0] == "caaspp"


@pytest.mark.parametrize(
    "context", ["caaspp/lea-caaspp-coordinator/2026-27", "nonsense", f"{CAASPP_ROLE}@{ident('lea')}"]
)
@pytest.mark.checklist("56 somebody else")
async def test_nobody_launches_under_a_role_that_she_does_not_hold(at: Browser, context: str) -> None:
    assert (await at.http.get("/launch/reporting", params={"as": context})).status_code == 403


async def test_a_role_that_ends_between_launch_and_authorization_is_not_used(
    at: Browser, connection: Connection
) -> None:
    token = await launch(at, ELPAC_ROLE)
    await connection.execute("delete from role_assignments where program = 'elpac'")
    await take_all(connection, UserId(ident("ana")), "nothing")
    assert role_in(await at.tokens(launch=token))[0] == "caaspp"


@pytest.mark.parametrize("client", ["nobody", "%00", "%0a", "a" * 300])
@pytest.mark.checklist("33 open redirector")
async def test_only_registered_systems_are_opened(at: Browser, client: str) -> None:
    assert (await at.http.get(f"/launch/{client}")).status_code == 404


async def test_another_sites_page_chooses_no_role(at: Browser) -> None:
    answer = await at.http.get("/launch/reporting", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_signed_out_it_leads_to_sign_in_and_on(at: Browser) -> None:
    at.http.cookies.clear()
    answer = await at.http.get("/launch/reporting", params={"as": CAASPP_ROLE})
    assert answer.headers["location"].startswith("/signin?next=%2Flaunch%2Freporting")


async def test_the_role_chosen_on_the_way_in_changes_no_other_page(at: Browser, connection: Connection) -> None:
    """Where the tab's role doesn't open the system, the page that asks for another one is about this entry alone."""
    ana = UserId(ident("ana"))
    await take_all(connection, ana)
    await give(connection, ana, "tools-for-teachers-only", PARK)
    await give(connection, ana, "site-coordinator", PARK, ELPAC)
    await connection.execute("update sessions set active_program = 'caaspp', active_role = 'tools-for-teachers-only'")
    page = await at.authorize()
    assert page.status_code == 200
    assert 'action="/oauth2/context"' in page.text
    onward = page.text.split('name="next" value="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    form = {"csrf": csrf(page), "next": onward, "role": ELPAC_ROLE}
    refused = await at.http.post("/oauth2/context", data={**form, "role": CAASPP_ROLE})
    assert refused.status_code == 400
    answer = await at.http.post("/oauth2/context", data=form)
    assert "code" in returned(await at.http.get(answer.headers["location"]))
    assert await connection.fetchval("select active_role from sessions where ended_at is null") == (
        "tools-for-teachers-only"
    )
