"""The state sets who must take a second step: `second_step` of a role in a pack, followed as soon as it is loaded."""

import re
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.state import Gateway
from policy.ids import RoleSlug
from policy.second_step import AAL1
from store.database import Connection
from store.loading_packs import load_pack
from store.packs import Stored
from store.shipped_packs import PROGRAMS, PackFile, pack_file
from tests.oidc.world import PARK, Browser, Clock, http_of, ident, person
from tests.signin.stepping import SET_UP, STEP, code_now, set_up, step

pytestmark = pytest.mark.checklist(49)
VIEWER = "{ viewer { grants { permission } withheld { role missing { kind } } } }"
TEACHER, COORDINATOR = "test-administrator", "site-coordinator"


@pytest.fixture
def strict_app(strict: Gateway) -> Starlette:
    return create_app(strict.settings, strict)


def changed() -> PackFile:
    """The pack of CAASPP in which teachers must, and site coordinators needn't."""
    text = (PROGRAMS / "caaspp.toml").read_text(encoding="utf-8")
    text = text.replace(f"[roles.{TEACHER}]\n", f"[roles.{TEACHER}]\nsecond_step = true\n", 1)
    text, replaced = re.subn(
        rf"(\[roles\.{COORDINATOR}\]\n(?:[^\[].*\n)*?second_step\s*= )true", r"\1false", text, count=1
    )
    assert replaced == 1
    file = pack_file(text, "caaspp.toml")
    assert [file.pack.roles[RoleSlug(slug)].second_step for slug in (TEACHER, COORDINATOR)] == [True, False]
    return file


async def viewer(browser: Browser) -> Any:
    answer = await browser.http.post("/graphql", json={"query": VIEWER})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["viewer"]


async def test_a_role_that_must_from_now_on(strict_app: Starlette, connection: Connection, clock: Clock) -> None:
    """In a session already open it is withheld at once; the next sign-in leads to setting a second step up."""
    await person(connection, "tess", (TEACHER, PARK))
    tess = Browser(http_of(strict_app))
    assert (await tess.sign_in("tess")).headers["location"] == "/account"
    assert (await viewer(tess))["grants"]
    tokens = await tess.tokens(scope="openid offline_access")
    assert await load_pack(connection, changed(), "teachers must") is Stored.REPLACED
    assert await viewer(tess) == {"grants": [], "withheld": [{"role": TEACHER, "missing": [{"kind": "SECOND_STEP"}]}]}
    assert (await tess.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"

    tess.http.cookies.clear()
    assert (await tess.sign_in("tess")).headers["location"] == SET_UP
    await set_up(tess, clock.now)
    told = await viewer(tess)
    assert (bool(told["grants"]), told["withheld"]) == (True, [])


async def test_a_role_that_must_no_longer(strict_app: Starlette, connection: Connection, clock: Clock) -> None:
    """In a session without the step it counts at once; who has a second step set up is still asked for it."""
    await person(connection, "simon", (COORDINATOR, PARK))
    await person(connection, "sue", (COORDINATOR, PARK))
    sue = Browser(http_of(strict_app))
    await sue.sign_in("sue")
    secret, _ = await set_up(sue, clock.now)
    weak = Browser(http_of(strict_app))
    assert (await weak.sign_in("simon")).headers["location"] == SET_UP
    await set_up(weak, clock.now)
    await connection.execute("update sessions set acr = $1, amr = '{pwd}' where user_id <> $2", AAL1, ident("sue"))
    weak.http.cookies.set("unknown", "1")  # another request to the memory of callers
    assert [one["role"] for one in (await viewer(weak))["withheld"]] == [COORDINATOR]

    assert await load_pack(connection, changed(), "site coordinators needn't") is Stored.REPLACED
    assert (await viewer(weak))["grants"]
    assert (await viewer(sue))["grants"]
    await person(connection, "nora", (COORDINATOR, PARK))
    fresh = Browser(http_of(strict_app))
    assert (await fresh.sign_in("nora")).headers["location"] == "/account"
    assert (await viewer(fresh))["grants"]
    clock.forward(seconds=60)
    sue.http.cookies.clear()
    assert (await sue.sign_in("sue")).headers["location"] == STEP
    assert (await step(sue, code_now(secret, clock.now))).headers["location"] == "/account"
