"""A system that asks again in the very same words: the same grant in a token of its own, judged once."""

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.recent import Recent
from gateway.state import Gateway
from tests.oidc.keyholder import KeyHolder
from tests.oidc.world import REPORTING, SECRET, Browser, claims_of, token_request

GRANT = {"grant_type": "client_credentials"}


def kept(app: Starlette) -> int:
    return len(getattr(app.state, "systems_granted", ()))


async def test_the_same_words_are_judged_once_and_get_a_token_each(app: Starlette, browser: Browser) -> None:
    answers = [await token_request(browser.http, REPORTING, GRANT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    claims = [claims_of(answer.json()["access_token"]) for answer in answers]
    assert len({one["jti"] for one in claims}) == 3
    assert len({(one["sub"], one["aud"], one["client_id"]) for one in claims}) == 1
    assert kept(app) == 1


async def test_other_words_are_judged_by_themselves(app: Starlette, browser: Browser) -> None:
    assert (await token_request(browser.http, REPORTING, GRANT)).status_code == 200
    assert (await token_request(browser.http, REPORTING, GRANT | {"scope": "directory.read"})).status_code == 200
    assert kept(app) == 2
    wrong = await browser.http.post("/oauth2/token", data=GRANT, auth=("reporting", SECRET + "x"))
    assert wrong.status_code == 401
    assert (await token_request(browser.http, REPORTING, GRANT | {"scope": "openid"})).status_code == 400
    assert kept(app) == 2


async def test_what_came_with_a_proof_of_possession_is_not_kept(
    app: Starlette, gateway: Gateway, browser: Browser
) -> None:
    async def asked(headers: dict[str, str]) -> httpx2.Response:
        return await browser.http.post("/oauth2/token", data=GRANT, auth=("reporting", SECRET), headers=headers)

    proof = KeyHolder(gateway.now()).proof(gateway, "POST", "/oauth2/token")
    assert (await asked(proof)).json()["token_type"] == "DPoP"
    assert kept(app) == 0
    assert (await asked(proof)).json()["error"] == "invalid_dpop_proof"
    assert (await asked({})).json()["token_type"] == "Bearer"
    assert (await asked({"DPoP": "no.proof.atall"})).json()["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize("most", [1, 3])
def test_the_memory_is_bounded_and_forgets_what_was_used_least_lately(most: int) -> None:
    memory = Recent[int, str](most)
    for number in range(most):
        memory.put(number, str(number))
    assert memory.get(0) == "0"
    memory.put(99, "99")
    assert len(memory) == most
    assert memory.get(0) == ("0" if most > 1 else None)
    assert memory.get(99) == "99"
    memory.drop(99)
    assert memory.get(99) is None
