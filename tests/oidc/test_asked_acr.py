"""Levels that a request asks for: reached, or answered with an error (Core 3.1.2.1, 5.5.1.1; Unmet Authentication)."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, Browser, Clock, claims_of, person, returned

AAL1, AAL2 = "urn:hallpass:aal1", "urn:hallpass:aal2"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


def of_id_token(**acr: Any) -> str:
    return json.dumps({"id_token": {"acr": acr, "email": None}, "userinfo": {"name": {"essential": True}}})


DEMANDS = [
    {"acr_values": AAL2},
    {"acr_values": f"urn:other:high {AAL2}"},
    {"claims": of_id_token(essential=True, values=[AAL2])},
    {"claims": of_id_token(value=AAL2)},
]
NO_DEMANDS = [
    {"acr_values": AAL1},
    {"acr_values": f"{AAL2} {AAL1}"},
    {"acr_values": "1 2"},
    {"claims": of_id_token(essential=True, values=[AAL2, AAL1])},
    {"claims": of_id_token(essential=True)},
    {"claims": json.dumps({"id_token": None})},
    {"claims": json.dumps([1])},
]


@pytest.mark.parametrize("asked", DEMANDS)
async def test_a_session_without_a_second_step_is_led_to_one(ana: Browser, asked: dict[str, str]) -> None:
    answer = await ana.authorize(**asked)
    to = urlsplit(answer.headers["location"])
    query = parse_qs(to.query)
    assert (answer.status_code, to.path, query["acr"]) == (303, "/signin", [AAL2])
    assert query["next"][0].startswith("/oauth2/authorize?")


@pytest.mark.parametrize("asked", DEMANDS)
async def test_whoever_comes_back_without_it_brings_an_error(ana: Browser, clock: Clock, asked: dict[str, str]) -> None:
    """unmet_authentication_requirements, never a code that says less than was asked for."""
    onward = parse_qs(urlsplit((await ana.authorize(**asked)).headers["location"]).query)["next"][0]
    clock.forward(seconds=1)
    await ana.sign_in("ana")
    assert returned(await ana.http.get(onward))["error"] == "unmet_authentication_requirements"


async def test_with_a_second_step_there_is_a_code(ana: Browser, connection: Connection) -> None:
    await connection.execute("update sessions set acr = $1, amr = '{pwd,otp,mfa}'", AAL2)
    for asked in (*DEMANDS, *NO_DEMANDS):
        claims = claims_of((await ana.tokens(**asked))["id_token"])
        assert (claims["acr"], claims["amr"]) == (AAL2, ["pwd", "otp", "mfa"])


@pytest.mark.parametrize("asked", NO_DEMANDS)
async def test_a_lower_or_unknown_level_asks_for_nothing(ana: Browser, asked: dict[str, str]) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds; `acr` tells the truth."""
    assert claims_of((await ana.tokens(**asked))["id_token"])["acr"] == AAL1


@pytest.mark.checklist(29)
async def test_without_a_page_there_is_no_second_step(ana: Browser) -> None:
    """prompt=none: login_required."""
    assert returned(await ana.authorize(acr_values=AAL2, prompt="none"))["error"] == "login_required"


async def test_claims_that_are_not_json(ana: Browser) -> None:
    assert returned(await ana.authorize(claims="{"))["error"] == "invalid_request"
