"""Tokens that aren't ours: algorithm, kind, key and header confusion (RFC 8725, RFC 9068, ASVS 9.1, 9.2)."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt as jose
from joserfc.jwk import ECKey

from gateway.oidc.keys.ring import KeySet
from gateway.oidc.keys.signing_key import make_sealed_key, open_key
from gateway.oidc.keys.verification import ACCESS_TOKEN, ID_TOKEN, BadTokenError, verified_claims
from tests.oidc.world import ISSUER, NOW, claims_of, jwt

SEALING = b"s" * 32
ES, RS = (open_key(make_sealed_key(alg, SEALING, NOW, NOW), SEALING) for alg in ("ES256", "RS256"))
KEYS = KeySet({ES.kid: ES, RS.kid: RS})
SECONDS = int(NOW.timestamp())
CLAIMS = {"iss": ISSUER, "sub": "u", "aud": "a", "iat": SECONDS, "exp": SECONDS + 300}
GOOD = ES.sign(CLAIMS, "at+jwt")
STRANGER = ECKey.generate_key("P-256")


def signed(header: dict[str, Any], claims: dict[str, Any] = CLAIMS, key: Any = None) -> str:
    """A token with any header, signed by our own ES256 key or another one."""
    own = ECKey.import_key(ES.private.private_bytes(*_pem()))
    return jose.encode(header, claims, key or own, algorithms=["ES256"], default_type=None)


def _pem() -> tuple[Any, Any, Any]:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()


def hmac_with_public_key() -> str:
    """RS256 → HS256 confusion: the published key as the secret."""
    head, body, _ = jwt({"alg": "HS256", "kid": RS.kid, "typ": "at+jwt"}, CLAIMS).split(".")
    mac = hmac.digest(RS.public.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


HEADER = {"alg": "ES256", "kid": ES.kid, "typ": "at+jwt"}
FORGED: dict[str, str] = {
    "empty": "",
    "no JWT": "abc",
    "two parts": GOOD.rsplit(".", 1)[0],
    "four parts": GOOD + ".x",
    "alg none": jwt({**HEADER, "alg": "none"}, CLAIMS),
    "alg None": jwt({**HEADER, "alg": "None"}, CLAIMS),
    "no alg": jwt({"kid": ES.kid, "typ": "at+jwt"}, CLAIMS, b"x"),
    "HS256 with the public key": hmac_with_public_key(),
    "empty signature": GOOD.rsplit(".", 1)[0] + ".",
    "changed signature": GOOD[:-8] + "AAAAAAAA",
    "changed payload": ".".join(
        [GOOD.split(".")[0], jwt({}, {**CLAIMS, "sub": "x"}).split(".")[1], GOOD.split(".")[2]]
    ),
    "another key under our kid": signed(HEADER, key=STRANGER),
    "no kid": signed({"alg": "ES256", "typ": "at+jwt"}),
    "unknown kid": signed({**HEADER, "kid": "unknown"}),
    "path in kid": signed({**HEADER, "kid": "../../dev/null"}),
    "SQL in kid": signed({**HEADER, "kid": "' or 1=1 --"}),
    "kid of the other algorithm": signed({**HEADER, "kid": RS.kid}),
    "jwk header": signed({**HEADER, "jwk": dict(STRANGER.as_dict(private=False))}, key=STRANGER),
    "jku header": signed({**HEADER, "jku": "https://evil.example/jwks"}),
    "x5u header": signed({**HEADER, "x5u": "https://evil.example/x5u"}),
    "ID token": ES.sign(CLAIMS, "JWT"),
    "RS256 access token": RS.sign(CLAIMS, "at+jwt"),
    "logout token": ES.sign(CLAIMS, "logout+jwt"),
    "no typ": signed({"alg": "ES256", "kid": ES.kid}),
    "other issuer": ES.sign({**CLAIMS, "iss": "https://evil.example"}, "at+jwt"),
    "issuer with slash": ES.sign({**CLAIMS, "iss": ISSUER + "/"}, "at+jwt"),
    "expired": ES.sign({**CLAIMS, "exp": SECONDS}, "at+jwt"),
    "no exp": ES.sign({name: value for name, value in CLAIMS.items() if name != "exp"}, "at+jwt"),
    "exp as text": ES.sign({**CLAIMS, "exp": str(SECONDS + 300)}, "at+jwt"),
    "from the future": ES.sign({**CLAIMS, "iat": SECONDS + 60}, "at+jwt"),
    "too long": ES.sign({**CLAIMS, "x": "x" * 9000}, "at+jwt"),
}


def test_our_own_token_is_good() -> None:
    assert verified_claims(GOOD, ACCESS_TOKEN, KEYS, ISSUER, NOW)["sub"] == "u"
    assert json.dumps(CLAIMS) == json.dumps(claims_of(GOOD))


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.checklist("18 access tokens", "19 in the place of an access token", "20 audience and issuer", "20 times")
def test_refused(name: str) -> None:
    with pytest.raises(BadTokenError):
        verified_claims(FORGED[name], ACCESS_TOKEN, KEYS, ISSUER, NOW)


def test_the_clock_of_another_host_may_be_ahead_and_prolongs_nothing() -> None:
    behind, end = NOW - timedelta(seconds=20), NOW + timedelta(seconds=300)
    assert verified_claims(GOOD, ACCESS_TOKEN, KEYS, ISSUER, behind)["sub"] == "u"
    with pytest.raises(BadTokenError):
        verified_claims(GOOD, ACCESS_TOKEN, KEYS, ISSUER, end)


@pytest.mark.checklist("18 access tokens")
def test_crit_is_refused() -> None:
    head = base64.urlsafe_b64encode(json.dumps({**HEADER, "crit": ["exp"], "exp": 1}).encode()).rstrip(b"=").decode()
    with pytest.raises(BadTokenError):
        verified_claims(f"{head}.{GOOD.split('.')[1]}.{GOOD.split('.')[2]}", ACCESS_TOKEN, KEYS, ISSUER, NOW)


@pytest.mark.checklist("19 in the place of an ID token")
def test_an_access_token_is_no_id_token() -> None:
    with pytest.raises(BadTokenError):
        verified_claims(GOOD, ID_TOKEN, KEYS, ISSUER, NOW)


def test_an_id_token_hint_may_have_expired() -> None:
    token = RS.sign(CLAIMS, "JWT")
    later = NOW + timedelta(days=1)
    assert verified_claims(token, ID_TOKEN, KEYS, ISSUER, later, hint=True)["sub"] == "u"
    with pytest.raises(BadTokenError):
        verified_claims(token, ID_TOKEN, KEYS, ISSUER, later)


def test_signatures_are_those_of_the_standard() -> None:
    """What joserfc, an implementation of its own, verifies."""
    for key in (ES, RS):
        assert jose.decode(key.sign(CLAIMS, "JWT"), key.public, algorithms=[key.alg]).claims == CLAIMS
    assert isinstance(ES.private, ec.EllipticCurvePrivateKey)
