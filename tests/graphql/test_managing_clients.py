"""Which clients may have scope directory.manage: by registration, by grant, and by the key of their tokens."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.oidc.client.registration import registration_faults
from gateway.state import Gateway
from store.database import Connection, Pool
from store.relying_parties import RelyingParty, insert_relying_party
from tests.graphql.changes import REMOVE, remove
from tests.graphql.managing import ASKED, COLLEAGUE, HALLPASS, MANAGER, SCOPE, desk, refused
from tests.graphql.world import Caller
from tests.oidc.keyholder import KeyHolder
from tests.oidc.world import CERS, ISSUER, Clock, bearer

pytestmark = pytest.mark.checklist(57)
FAULTS: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"first_party": False}, "is for the state's own clients"),
    ({"systems": (CERS,)}, "is for clients of the system hallpass"),
    ({"grant_types": frozenset({"client_credentials"}), "scopes": frozenset({"directory.read", "directory.manage"})},
     "needs a person, who comes with authorization_code"),
    ({"auth_method": "none", "secret_hashes": (), "grant_types": frozenset({"authorization_code", "refresh_token"})},
     "is for clients that prove themselves"),
    ({"auth_method": "none", "secret_hashes": (), "dpop_bound": True,
      "grant_types": frozenset({"authorization_code", "refresh_token"})}, None),
    ({"role_mode": "union"}, "needs the one role that a person acts under"),
    ({"scopes": frozenset({"openid", "directory.manage"})}, "needs directory.read"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "fault"), FAULTS)
def test_who_may_be_registered_for_it(changes: dict[str, Any], fault: str | None) -> None:
    client: RelyingParty = replace(MANAGER, **changes)
    found = registration_faults(client, {HALLPASS, CERS})
    assert [fault in one for one in found] == [True] if fault else found == []


async def test_a_system_never_has_it(http: httpx2.AsyncClient, connection: Connection) -> None:
    await insert_relying_party(connection, MANAGER)
    form = {"grant_type": "client_credentials", "scope": "directory.read directory.manage", "resource": ISSUER}
    answer = await http.post("/oauth2/token", data=form, auth=("manager", "manager-secret"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_a_public_clients_tokens_change_something_only_with_their_key(
    gateway: Gateway, app: Starlette, http: httpx2.AsyncClient, pool: Pool, connection: Connection, clock: Clock
) -> None:
    """Registered as bound, a token is; one that was issued before, unbound, changes nothing."""
    holder = KeyHolder(clock.now)
    public = replace(MANAGER, auth_method="none", secret_hashes=(), grant_types=frozenset({"authorization_code"}),
                     scopes=MANAGER.scopes - {"offline_access"})  # fmt: skip
    await insert_relying_party(connection, public)
    browser = await desk(app, pool, "primary")

    async def token(**proof: str) -> str:
        form = {
            "grant_type": "authorization_code", "code": await browser.code(scope=SCOPE, resource=ISSUER),
            "redirect_uri": browser.request()["redirect_uri"], "code_verifier": "v" * 64, "client_id": "manager",
        }  # fmt: skip
        answer = await browser.http.post("/oauth2/token", data=form, headers=proof)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    unbound = await token()
    await refused(Caller(http, bearer(unbound)))
    await connection.execute("update relying_parties set dpop_bound = true where client_id = 'manager'")
    await refused(Caller(http, bearer(unbound)))
    bound = await token(**holder.proof(gateway, "POST", "/oauth2/token"))
    assert (await Caller(http, bearer(bound)).post(REMOVE, input=ASKED)).status_code == 401
    proof = holder.proof(gateway, "POST", "/graphql", token=bound)
    done = await remove(Caller(http, {"Authorization": f"DPoP {bound}", **proof}), COLLEAGUE)
    assert (done["removed"], done["userErrors"]) == ([str(COLLEAGUE)], [])
