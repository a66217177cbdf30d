"""Two tabs with two roles: each page acts in the context of its own address (S4-06)."""

import re

import httpx2
import pytest

from gateway.demo.mix import mix
from gateway.demo.places import places
from tests.console.conftest import ISSUER, Browser, SignIn

EXAMINER = "elpac/test-examiner/2026-27"
ADMINISTRATOR = "caaspp/test-administrator/2026-27"
JSON = {"Origin": ISSUER, "Accept": "application/json"}
TREE = places(200, mix())


def at(path: str, context: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}as={context}"


async def role_of(browser: Browser, **headers: str) -> httpx2.Response:
    body = {"query": "{ viewer { activeRole { context } narrowedTo { id } } }"}
    return await browser.http.post("/graphql", json=body, headers={**JSON, **headers})


@pytest.mark.rule("S4-06")
async def test_s4_06_two_tabs_keep_two_roles(sign_in: SignIn) -> None:
    browser = await sign_in("both")
    one = await browser.get(at("/", EXAMINER))
    other = await browser.get(at("/", ADMINISTRATOR))
    assert "as ELPAC Test Examiner" in one.text
    assert "as CAASPP Test Administrator" in other.text
    await browser.post("/signin/role", other, role=ADMINISTRATOR, next=at("/", ADMINISTRATOR))
    assert "as ELPAC Test Examiner" in (await browser.get(at("/", EXAMINER))).text


@pytest.mark.rule("S4-06")
async def test_every_link_and_form_stays_in_the_tab(sign_in: SignIn) -> None:
    browser = await sign_in("both")
    for path in ("/", "/account", "/account/access", "/console", "/console/graphql"):
        page = await browser.get(at(path, ADMINISTRATOR))
        assert page.status_code == 200
        for address in re.findall(r'(?:href|action)="(/[^"]*)"', page.text):
            if not address.startswith(("/signin", "/static")):
                assert "as=" in address, (path, address)
        for form in re.findall(r'<form[^>]*method="get"[^>]*>.{120}', page.text, re.DOTALL):
            assert f'<input type="hidden" name="as" value="{ADMINISTRATOR}">' in form


async def test_a_page_without_a_context_leads_to_one_with_it(sign_in: SignIn) -> None:
    browser = await sign_in("both")
    answer = await browser.http.get("/account?asked=address")
    assert answer.headers["location"] == f"/account?asked=address&as={EXAMINER}"
    teacher = await sign_in("teacher")
    assert (await teacher.http.get("/account")).status_code == 200


async def test_a_form_leads_back_into_the_tab(sign_in: SignIn) -> None:
    browser = await sign_in("both")
    page = await browser.get(at("/account", ADMINISTRATOR))
    done = await browser.post(at("/account/numbers", ADMINISTRATOR), page, phone="916-555-0199", fax="")
    assert done.headers["location"] == f"/account?done=numbers&as={ADMINISTRATOR}"


@pytest.mark.parametrize(
    "context",
    [
        "caaspp/lea-caaspp-coordinator/2026-27",
        "state/state-administrator/",
        f"{EXAMINER}@{TREE[1].id}",
        f"{EXAMINER}@x",
        f"{EXAMINER}@",
        "nonsense",
        "/" * 300,
        "é",
    ],
)
@pytest.mark.checklist("56 somebody else")
async def test_a_context_that_is_not_hers_opens_nothing(sign_in: SignIn, context: str) -> None:
    """What an address names is never believed: nothing is done under another role in its stead, either."""
    browser = await sign_in("both")
    for path in ("/", "/console", "/account"):
        page = await browser.http.get(path, params={"as": context})
        assert page.status_code == 403, path
        assert "hold the role of this tab now" in page.text
    answer = await role_of(browser, **{"Hallpass-Context": context.encode("ascii", "replace").decode()})
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_somebody_elses_context_is_not_remembered_for_her(sign_in: SignIn) -> None:
    """The same context asked by two people one after the other is judged for each."""
    coordinator = await sign_in("coordinator")
    mine = (await role_of(coordinator)).json()["data"]["viewer"]["activeRole"]["context"]
    assert (await role_of(coordinator, **{"Hallpass-Context": mine})).status_code == 200
    teacher = await sign_in("teacher")
    assert (await role_of(teacher, **{"Hallpass-Context": mine})).status_code == 403


async def test_programs_name_the_context_in_a_header(sign_in: SignIn) -> None:
    browser = await sign_in("both")
    for context in (EXAMINER, ADMINISTRATOR, EXAMINER):
        answer = await role_of(browser, **{"Hallpass-Context": context})
        assert answer.json()["data"]["viewer"]["activeRole"]["context"] == context
    assert (await role_of(browser)).json()["data"]["viewer"]["activeRole"]["context"] == EXAMINER


@pytest.mark.rule("S4-06", "S1-20")
async def test_a_tab_may_be_narrowed_to_one_organization(sign_in: SignIn) -> None:
    browser = await sign_in("coordinator")
    start = await browser.get("/")
    mine = (await role_of(browser)).json()["data"]["viewer"]["activeRole"]["context"]
    lea = str(TREE[0].id)
    narrowed = await browser.post("/signin/role", start, role=mine, at=lea, next="/console")
    assert narrowed.headers["location"] == f"/console?as={mine}@{lea}"
    assert (await browser.get(narrowed.headers["location"])).status_code == 200
    answer = await role_of(browser, **{"Hallpass-Context": f"{mine}@{lea}"})
    assert answer.json()["data"]["viewer"]["narrowedTo"] == {"id": lea}
    refused = await browser.post("/signin/role", start, role=mine, at=str(TREE[1].id), next="/console")
    assert refused.status_code == 400


async def test_switching_in_graphql_is_the_default_of_new_tabs(sign_in: SignIn) -> None:
    browser = await sign_in("both")
    document = """mutation ($c: String!) { switchActiveRole(input: {context: $c}) {
        activeRole { context } userErrors { code } } }"""
    for context, codes in ((ADMINISTRATOR, []), ("state/auditor/", ["NOT_HELD"])):
        body = {"query": document, "variables": {"c": context}}
        answer = await browser.http.post("/graphql", json=body, headers=JSON)
        payload = answer.json()["data"]["switchActiveRole"]
        assert [error["code"] for error in payload["userErrors"]] == codes
    assert (await role_of(browser)).json()["data"]["viewer"]["activeRole"]["context"] == ADMINISTRATOR
    await browser.http.post("/graphql", json={"query": document, "variables": {"c": EXAMINER}}, headers=JSON)


async def test_why_do_i_have_this_access(sign_in: SignIn) -> None:
    page = await (await sign_in("site")).get("/account/access")
    for words in ("Site CAASPP Coordinator", "CERS", "Table", "this organization", "Given by"):
        assert words in page.text, words
    unsigned = await (await sign_in("unsigned")).get("/account/access")
    assert "must be signed" in unsigned.text
    assert "It gives nothing until this is done." in unsigned.text
