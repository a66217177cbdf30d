"""Registering relying parties: every fault at once, secrets told once and kept as hashes (RFC 9700 section 2)."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey

from gateway.oidc.client.registering import (
    RegistrationRefusedError,
    register_relying_party,
    replace_client_keys,
    rotate_client_secret,
)
from gateway.oidc.client.registration import registration_faults, resource_fault
from gateway.state import Gateway
from policy.ids import System
from store.database import Connection
from store.relying_parties import RelyingParty
from tests.oidc.world import CERS, ISSUER, REPORTING, Browser

KNOWN = (CERS, System("toms"))
NEW = replace(REPORTING, client_id="new", secret_hashes=())
EC = ECKey.generate_key("P-256").as_dict(private=False)
SHORT = {
    "kty": "RSA",
    "e": "AQAB",
    "n": base64.urlsafe_b64encode((1 << 1023 | 1).to_bytes(128)).rstrip(b"=").decode(),
}
KEYED = replace(NEW, auth_method="private_key_jwt")
GRANT = {"grant_type": "client_credentials"}


def jwks(*keys: Mapping[str, Any]) -> dict[str, Any]:
    return {"keys": list(keys)}


def test_a_good_registration_has_no_fault() -> None:
    assert registration_faults(NEW, KNOWN) == []


@pytest.mark.parametrize(
    ("client", "named"),
    [
        (replace(NEW, client_id="two words"), "client id"),
        (replace(NEW, client_id="a:b"), "client id"),
        (replace(NEW, client_id=""), "client id"),
        (replace(NEW, client_id="a\n"), "client id"),
        (replace(NEW, client_id="a" * 101), "client id"),
        (replace(NEW, client_id="188D19AD-bb42-5c76-a8e1-c4d0284c9d7d"), "would look like a person's"),
        (replace(NEW, systems=()), "no system"),
        (replace(NEW, systems=(System("unknown"),)), "'unknown' is not a system"),
        (replace(NEW, auth_method="client_secret_jwt"), "way to authenticate"),
        (replace(NEW, auth_method="private_key_jwt"), "needs the client's public keys"),
        (replace(NEW, jwks=jwks(EC)), "leave them out"),
        (replace(KEYED, jwks={}), "has no keys"),
        (replace(KEYED, jwks={"keys": []}), "has no keys"),
        (replace(KEYED, jwks={"keys": ["x"]}), "is not an object"),
        (replace(KEYED, jwks={"keys": [EC] * 21}), "more than 20 keys"),
        (replace(KEYED, jwks={"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}), "has private parts"),
        (replace(KEYED, jwks=jwks({"kty": "oct", "k": "AAAA"})), "has private parts"),
        (replace(KEYED, jwks=jwks({"kty": "oct"})), "can't be read"),
        (replace(KEYED, jwks=jwks({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"})), "Key 1"),
        (replace(KEYED, jwks=jwks({"kty": "EC"})), "can't be read"),
        (replace(KEYED, jwks=jwks({**EC, "x": "AAAA"})), "can't be read"),
        (replace(KEYED, jwks=jwks(ECKey.generate_key("P-384").as_dict(private=False))), "another curve than P-256"),
        (replace(KEYED, jwks=jwks(OKPKey.generate_key("X25519").as_dict(private=False))), "another curve than Ed25519"),
        (replace(KEYED, jwks=jwks(SHORT)), "1024 bits"),
        (replace(KEYED, jwks=jwks({**EC, "alg": "RS256"})), "has an alg"),
        (replace(KEYED, jwks=jwks({**EC, "alg": "PS256"})), "has an alg"),
        (replace(KEYED, jwks=jwks({**EC, "alg": "none"})), "has an alg"),
        (replace(KEYED, jwks=jwks({**EC, "use": "enc"})), "not for signatures"),
        (replace(KEYED, jwks=jwks({**EC, "kid": 7})), "has a kid"),
        (replace(KEYED, jwks=jwks({**EC, "kid": "a"}, {**EC, "kid": "a"})), "'a' stands twice"),
        (replace(KEYED, jwks=jwks({**EC, "kid": "a"}, EC)), "each needs a kid"),
        (replace(NEW, changes_by="never"), "way to learn of changes"),
        (replace(NEW, changes_by="backchannel-logout"), "back-channel logout address"),
        (replace(NEW, backchannel_logout_uri="http://reports.example/out"), "plain http"),
        (
            replace(NEW, grant_types=frozenset({"authorization_code"}), scopes=frozenset({"openid"})),
            "To learn of changes by refresh",
        ),
        (
            replace(
                NEW,
                grant_types=frozenset({"client_credentials"}),
                scopes=frozenset({"directory.read"}),
                require_par=True,
            ),
            "authorization requests to push",
        ),
        (replace(NEW, role_mode="all"), "role mode"),
        (replace(NEW, id_token_alg="none"), "algorithm"),
        (replace(NEW, grant_types=frozenset({"password"}), scopes=frozenset({"openid"})), "'password' is no grant"),
        (replace(NEW, scopes=frozenset({"admin"})), "'admin' is no scope"),
        (replace(NEW, redirect_uris=()), "needs a redirect URI"),
        (replace(NEW, redirect_uris=("http://reports.example/",)), "plain http"),
        (replace(NEW, redirect_uris=("https://reports.example;script-src/",)), "not a web address"),
        (replace(NEW, redirect_uris=("https://reports.example\\@evil.example/",)), "not a web address"),
        (replace(NEW, post_logout_redirect_uris=("javascript:alert(1)",)), "not a web address"),
        (replace(NEW, launch_uri="javascript:alert(1)"), "not a web address"),
        (replace(NEW, launch_uri="https://["), "not a web address"),
        (replace(NEW, auth_method="none"), "without a secret"),
        (replace(NEW, grant_types=frozenset({"authorization_code"})), "refresh_token"),
    ],
)
@pytest.mark.checklist("4 registration", 16)
def test_faults(client: RelyingParty, named: str) -> None:
    faults = registration_faults(client, KNOWN)
    assert len(faults) == 1
    assert named in faults[0]


@pytest.mark.parametrize(
    "uri",
    [
        "cers",
        "/cers",
        "https://",
        "https://cers.example/#a",
        "urn:cers",
        "https://[",
        "https://a:b/",
        ISSUER,
        f"{ISSUER}/",
    ],
)
def test_an_audience_is_an_absolute_address_of_somebody_else(uri: str) -> None:
    assert resource_fault(uri, ISSUER)
    assert resource_fault("https://cers.example/", ISSUER) is None


@pytest.mark.checklist("17 kept as hashes")
async def test_registered_with_its_system_and_used(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    toms = replace(NEW, systems=(System("toms"),), resources={System("toms"): "https://toms.example/"})
    secret = await register_relying_party(gateway, toms, "pilot")
    assert secret is not None
    answer = await browser.http.post("/oauth2/token", data=GRANT, auth=("new", secret))
    assert answer.status_code == 200
    kept = await connection.fetchval("select secret_hashes from relying_parties where client_id = 'new'")
    assert secret.encode() not in kept[0]
    event = await connection.fetchrow("select action, target_id, operator_reason from audit_events")
    assert event is not None
    assert tuple(event.values()) == ("registerRelyingParty", "new", "pilot")


@pytest.mark.parametrize(
    "client",
    [
        replace(NEW, client_id="reporting"),
        replace(NEW, resources={CERS: "https://thss.example/"}),
        replace(NEW, systems=(System("toms"),)),
        replace(NEW, resources={CERS: "cers"}),
    ],
    ids=["id taken", "resource taken", "no resource", "no address"],
)
async def test_refused_whole(gateway: Gateway, connection: Connection, client: RelyingParty) -> None:
    with pytest.raises(RegistrationRefusedError):
        await register_relying_party(gateway, client, "pilot")
    assert await connection.fetchval("select count(*) from relying_parties") == 3
    assert await connection.fetchval("select resource_uri from systems where code = 'cers'") == "https://cers.example/"
    assert await connection.fetchval("select count(*) from audit_events") == 0


@pytest.mark.checklist("17 two during a rotation and no third")
async def test_rotation_keeps_one_earlier_secret_until_told(gateway: Gateway, browser: Browser) -> None:
    async def good(secret: str) -> bool:
        answer = await browser.http.post("/oauth2/token", data=GRANT, auth=("reporting", secret))
        return answer.status_code == 200

    second = await rotate_client_secret(gateway, "reporting", "yearly", only_new=False)
    assert await good("reporting-secret")
    assert await good(second)
    third = await rotate_client_secret(gateway, "reporting", "yearly", only_new=False)
    assert [await good(one) for one in ("reporting-secret", second, third)] == [False, True, True]
    fourth = await rotate_client_secret(gateway, "reporting", "leaked", only_new=True)
    assert [await good(one) for one in (third, fourth)] == [False, True]


async def test_of_rotations_at_the_same_time_the_last_two_secrets_are_good(gateway: Gateway, browser: Browser) -> None:
    made = await asyncio.gather(
        *(rotate_client_secret(gateway, "reporting", "yearly", only_new=False) for _ in range(4))
    )
    answers = [await browser.http.post("/oauth2/token", data=GRANT, auth=("reporting", one)) for one in made]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 401, 401]


@pytest.mark.parametrize("client_id", ["unknown", "browser"])
async def test_nothing_to_rotate(gateway: Gateway, client_id: str) -> None:
    with pytest.raises(RegistrationRefusedError, match=client_id):
        await rotate_client_secret(gateway, client_id, "x", only_new=False)


async def test_a_client_with_keys_has_no_secret_and_changes_them(gateway: Gateway, connection: Connection) -> None:
    old, new = ({**ECKey.generate_key("P-256").as_dict(private=False), "kid": kid} for kid in "ab")
    client = replace(KEYED, jwks=jwks(old))
    assert await register_relying_party(gateway, client, "pilot") is None
    await replace_client_keys(gateway, "new", jwks(old, new), "yearly")
    kept = await connection.fetchval("select jwks from relying_parties where client_id = 'new'")
    assert [key["kid"] for key in kept["keys"]] == ["a", "b"]
    for client_id, keys, named in (
        ("new", jwks(), "no keys"),
        ("reporting", jwks(new), "no client reporting with keys"),
    ):
        with pytest.raises(RegistrationRefusedError, match=named):
            await replace_client_keys(gateway, client_id, keys, "yearly")
    with pytest.raises(RegistrationRefusedError, match="with a secret"):
        await rotate_client_secret(gateway, "new", "yearly", only_new=False)
