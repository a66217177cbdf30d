"""`/.well-known/authzen-configuration` (AuthZEN 9)."""

import httpx2

from tests.oidc.world import ISSUER


async def test_every_address_is_absolute_under_the_issuer_and_answers(http: httpx2.AsyncClient) -> None:
    response = await http.get("/.well-known/authzen-configuration", headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    document = response.json()
    assert document.pop("policy_decision_point") == ISSUER
    assert "access_evaluation_endpoint" in document
    for name, address in document.items():
        assert address.startswith(f"{ISSUER}/access/v1/"), name
        assert (await http.post(address, json={})).status_code == 401, name
