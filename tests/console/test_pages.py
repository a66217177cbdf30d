"""The launchpad and the console, as different people of the demo state meet them."""

import json
import re

import httpx2
import pytest

from gateway.console import organizations
from gateway.demo.mix import mix
from gateway.demo.places import Lea, places
from tests.console.conftest import EXAMPLE, Browser, SignIn
from tests.console.html_page import read

EVERYBODY = ("state.administrator", "superintendent", "coordinator", "site", "teacher", "educator", "unsigned", "both")
PATHS = ("/", "/account", "/account/access", "/console", "/console?q=a", "/console/graphql")
TREE = places(200, mix())
OWN, OTHER = TREE[0], TREE[1]


def organization_path(lea: Lea) -> str:
    return f"/console/organizations/{lea.id}"


def person_paths(page: httpx2.Response) -> list[str]:
    return re.findall(r"/console/users/[0-9a-f-]{36}", page.text)


async def test_signed_out_the_start_page_welcomes(signed_out: Browser) -> None:
    answer = await signed_out.get("/")
    page = read(answer.text)
    assert answer.status_code == 200
    assert page.links["/signin"] == "Sign in"
    assert not any(one.startswith("/console") for one in page.links)


@pytest.mark.parametrize("path", ["/account", "/console", "/console/graphql", "/console/users/x", "/console?q=a"])
async def test_signed_out_every_other_page_leads_to_sign_in_and_back(signed_out: Browser, path: str) -> None:
    answer = await signed_out.get(path)
    assert answer.status_code == 303
    assert httpx2.URL(answer.headers["location"]).params["next"] == path


@pytest.mark.parametrize("name", EVERYBODY)
async def test_every_page_is_sound_html_without_inline_script_or_style(sign_in: SignIn, name: str) -> None:
    browser = await sign_in(name)
    start = await browser.get("/console")
    own = re.findall(r"/console/organizations/[0-9a-f-]{36}", start.text)
    below = await browser.get(own[0]) if own else start
    for path in (*PATHS, *own[:1], *person_paths(below)[:1]):
        answer = await browser.get(path)
        assert (answer.status_code, read(answer.text).faults) == (200, []), path
        assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_tiles_lead_to_systems_that_the_role_opens(sign_in: SignIn) -> None:
    page = read((await (await sign_in("coordinator")).get("/")).text)
    assert "/launch/reporting" in page.links
    assert "/console" in page.links
    assert "Your role opens these, too" in page.headings


async def test_the_state_administrator_sees_no_student_results(sign_in: SignIn) -> None:
    page = read((await (await sign_in("state.administrator")).get("/")).text)
    assert "/launch/reporting" not in page.links


async def test_missing_steps_are_tasks_and_nothing_else_is_open(sign_in: SignIn) -> None:
    answer = await (await sign_in("unsigned")).get("/")
    page = read(answer.text)
    assert "CAASPP Test Security Affidavit must be signed for 2026-27." in answer.text
    assert "No system is open to you now" in page.headings
    assert not any(one.startswith(("/console", EXAMPLE)) for one in page.links)


@pytest.mark.rule("S4-06")
async def test_a_switched_role_changes_what_is_open(sign_in: SignIn) -> None:
    browser = await sign_in("both")
    start = await browser.get("/")
    assert "as ELPAC Test Examiner" in start.text
    switched = await browser.post("/signin/role", start, role="caaspp/test-administrator/2026-27", next="/")
    assert (switched.status_code, switched.headers["location"]) == (303, "/?as=caaspp/test-administrator/2026-27")
    assert "as CAASPP Test Administrator" in (await browser.get("/")).text


async def test_one_role_means_no_switch(sign_in: SignIn) -> None:
    assert "Switch role" not in (await (await sign_in("teacher")).get("/")).text
    assert "Switch role" in (await (await sign_in("both")).get("/")).text


async def test_the_account_shows_roles_forms_and_sessions(sign_in: SignIn) -> None:
    answer = await (await sign_in("site")).get("/account")
    assert "Site CAASPP Coordinator" in answer.text
    assert "signed on 2026-" in answer.text
    assert "This one" in answer.text
    assert "Sign out everywhere" in answer.text


async def test_a_coordinator_walks_from_the_lea_to_a_school_and_a_person(sign_in: SignIn) -> None:
    browser = await sign_in("coordinator")
    lea = read((await browser.get(organization_path(OWN))).text)
    assert OWN.name in lea.headings
    school = f"/console/organizations/{OWN.schools[0].id}"
    assert lea.links[school] == OWN.schools[0].name
    at_school = await browser.get(school)
    assert "site@example.org" in at_school.text
    person = await browser.get(person_paths(at_school)[0])
    assert person.status_code == 200
    assert OWN.schools[0].name in person.text


@pytest.mark.parametrize("name", ["superintendent", "coordinator", "site", "teacher", "educator", "unsigned", "both"])
@pytest.mark.checklist("54 pages")
async def test_another_lea_is_not_found_whoever_asks_by_its_address(sign_in: SignIn, name: str) -> None:
    state = await sign_in("state.administrator")
    far = f"/console/organizations/{OTHER.schools[0].id}"
    strangers = person_paths(await state.get(far))
    assert strangers
    browser = await sign_in(name)
    for path in (organization_path(OTHER), far, strangers[0]):
        answer = await browser.get(path)
        assert answer.status_code == 404, path
        assert OTHER.name not in answer.text


@pytest.mark.parametrize("path", ["organizations", "users"])
@pytest.mark.parametrize("id_", ["00000000-0000-4000-8000-000000000000", "x", "1 or 1=1", "%00"])
async def test_nothing_is_told_apart_from_what_is_hidden(sign_in: SignIn, path: str, id_: str) -> None:
    answer = await (await sign_in("coordinator")).get(f"/console/{path}/{id_}")
    assert answer.status_code == 404


async def test_search_finds_people_by_name_and_address_and_schools_by_code(sign_in: SignIn) -> None:
    browser = await sign_in("coordinator")
    for sought in ("Quach", "quach meilin", "site@", "SITE@EXAMPLE.ORG"):
        answer = await browser.get(str(httpx2.URL("/console", params={"q": sought})))
        assert "Quach, Meilin" in answer.text, sought
    answer = await browser.get(f"/console?q={OWN.schools[2].code}")
    assert OWN.schools[2].name in read(answer.text).links.values()


async def test_search_stays_inside_the_reach(sign_in: SignIn) -> None:
    browser = await sign_in("coordinator")
    assert OTHER.name not in (await browser.get(f"/console?q={OTHER.code}")).text
    answer = await browser.get("/console?q=superintendent@")
    assert len(person_paths(answer)) == 1


async def test_a_place_in_a_list_that_is_none_is_refused(sign_in: SignIn) -> None:
    browser = await sign_in("state.administrator")
    answer = await browser.get(f"/console/organizations/{OWN.schools[0].id}?users=broken")
    assert answer.status_code == 400


class TestGraphqlPage:
    async def run(self, browser: Browser, document: str, variables: str = "") -> httpx2.Response:
        page = await browser.get("/console/graphql")
        return await browser.post("/console/graphql", page, document=document, variables=variables)

    async def test_each_person_is_answered_as_far_as_her_role_reaches(self, sign_in: SignIn) -> None:
        totals: dict[str, object] = {}
        for name in ("state.administrator", "coordinator", "site", "teacher"):
            answer = await self.run(await sign_in(name), "{ users { totalCount } }")
            shown = re.search(r'<pre class="answer"[^>]*>(.*?)</pre>', answer.text, re.DOTALL)
            assert shown
            users = json.loads(shown[1].replace("&#34;", '"').replace("&#39;", "'"))["data"]["users"]
            totals[name] = users and users["totalCount"]
        assert totals["teacher"] is None
        assert isinstance(totals["site"], int)
        assert isinstance(totals["coordinator"], int)
        assert totals["site"] < totals["coordinator"]
        assert totals["state.administrator"] == 200

    async def test_a_withheld_field_is_an_error_with_its_path(self, sign_in: SignIn) -> None:
        answer = await self.run(await sign_in("teacher"), "{ users { totalCount } }")
        assert "UNAUTHORIZED_FIELD_OR_TYPE" in answer.text

    async def test_what_was_typed_stays(self, sign_in: SignIn) -> None:
        answer = await self.run(await sign_in("site"), "query Broken { <b>", '{"a": 1')
        assert "query Broken { &lt;b&gt;" in answer.text
        assert "{&#34;a&#34;: 1" in answer.text
        assert "The variables aren&#39;t JSON at line 1" in answer.text

    @pytest.mark.parametrize(
        ("document", "variables", "said"),
        [
            ("", "", "There is no document"),
            ("{", "", "isn&#39;t valid GraphQL at line 1"),
            ("{ viewer { nothing } }", "", "Cannot query field"),
            ("{ viewer { user { id } } }", "[1]", "must be one JSON object"),
            ("query A { programs { code } } query B { programs { code } }", "", "several operations"),
        ],
    )
    async def test_what_cannot_run_is_one_sentence(
        self, sign_in: SignIn, document: str, variables: str, said: str
    ) -> None:
        answer = await self.run(await sign_in("site"), document, variables)
        assert (answer.status_code, said in answer.text) == (200, True)

    async def test_another_site_cannot_send_it(self, sign_in: SignIn) -> None:
        browser = await sign_in("site")
        answer = await browser.http.post(
            "/console/graphql", data={"document": "{ programs { code } }"}, headers={"Origin": "https://evil.example"}
        )
        assert answer.status_code == 403

    async def test_every_example_runs(self, sign_in: SignIn) -> None:
        browser = await sign_in("coordinator")
        page = read((await browser.get("/console/graphql")).text)
        for link in [one for one in page.links if "example=" in one]:
            chosen = await browser.get(link)
            document = re.search(r'<textarea id="document"[^>]*>(.*?)</textarea>', chosen.text, re.DOTALL)
            assert document
            text = document[1].replace("&#34;", '"').replace("&gt;", ">")
            answer = await browser.post("/console/graphql", chosen, document=text, variables="")
            assert "&#34;data&#34;" in answer.text
            assert "alert danger" not in answer.text


async def test_load_more_shows_each_person_once(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await sign_in("coordinator")
    address: str | None = f"/console/organizations/{OWN.schools[0].id}"
    everybody = person_paths(await browser.get(address))
    monkeypatch.setattr(organizations, "_PAGE", 4)
    seen: list[str] = []
    while address:
        answer = await browser.get(address)
        seen += person_paths(answer)
        more = re.search(r'href="([^"]+)">Load more', answer.text)
        address = more[1].replace("&amp;", "&") if more else None
    assert len(everybody) > 8
    assert seen == everybody
