"""Somebody with a private key: client assertions (RFC 7523) and DPoP proofs (RFC 9449), good ones and others."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.oidc.dpop.nonces import Nonces
from gateway.state import Gateway
from store.relying_parties import RelyingParty
from tests.oidc.world import CERS, EVERY_GRANT, EVERY_SCOPE, ISSUER

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYED_CALLBACK = "https://keyed.example/callback"


@dataclass(slots=True)
class KeyHolder:
    """`alg`: what it signs with; `kid`: how its key is named."""

    now: datetime
    alg: str = "ES256"
    kid: str = "k-1"
    key: ECKey | RSAKey | OKPKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def public(self) -> dict[str, Any]:
        return {**self.key.as_dict(private=False), "kid": self.kid}

    @property
    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.public]}

    @property
    def thumbprint(self) -> str:
        return self.key.thumbprint()

    def seconds(self, span: float = 0) -> int:
        return int(self.now.timestamp() + span)

    def signed(self, header: dict[str, Any], claims: dict[str, Any], drop: tuple[str, ...] = ()) -> str:
        """Header members and claims that are None, or named in `drop`, are left out."""
        import orjson

        kept = {name: value for name, value in claims.items() if value is not None and name not in drop}
        full = {name: value for name, value in header.items() if value is not None}
        alg = full["alg"]
        if alg == "EdDSA":  # the library warns of the older name
            return self._named_anew(full, kept)
        return jws.serialize_compact(full, orjson.dumps(kept), self.key, algorithms=[alg])

    def assertion(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A client assertion of the client `keyed`; what is None is left out."""
        usual = {
            "iss": "keyed",
            "sub": "keyed",
            "aud": ISSUER,
            "exp": self.seconds(60),
            "iat": self.seconds(),
            "jti": secrets.token_urlsafe(8),
        }
        return self.signed({"alg": self.alg, "kid": self.kid, "typ": "JWT", **(header or {})}, {**usual, **claims})

    def proof(
        self, gateway: Gateway, method: str, path: str, header: dict[str, Any] | None = None, **claims: Any
    ) -> dict[str, str]:
        """The DPoP header of a request; what is None is left out. `token`: the access token that it comes with."""
        token = claims.pop("token", None)
        usual: dict[str, Any] = {
            "htm": method,
            "htu": ISSUER + path,
            "iat": self.seconds(),
            "jti": secrets.token_urlsafe(8),
            "nonce": Nonces.of(gateway.secret_key).at(gateway.now()),
        }
        if token is not None:
            usual["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        own = {"alg": self.alg, "typ": "dpop+jwt", "jwk": self.key.as_dict(private=False), **(header or {})}
        return {"DPoP": self.signed(own, {**usual, **claims})}

    def _named_anew(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        import orjson
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = self.key.private_key
        assert isinstance(private, Ed25519PrivateKey)
        signed = b".".join(base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in (header, claims))
        return (signed + b"." + base64.urlsafe_b64encode(private.sign(signed)).rstrip(b"=")).decode()


def keyed(holder: KeyHolder, **changes: Any) -> RelyingParty:
    """A relying party that proves itself with the holder's key."""
    fields: dict[str, Any] = {
        "client_id": "keyed",
        "label": "Keyed",
        "systems": (CERS,),
        "auth_method": "private_key_jwt",
        "redirect_uris": (KEYED_CALLBACK,),
        "grant_types": EVERY_GRANT,
        "scopes": EVERY_SCOPE,
        "jwks": holder.jwks,
        "first_party": True,
        **changes,
    }
    return RelyingParty(**fields)


def asserted(assertion: str) -> dict[str, str]:
    """The form fields that prove the client."""
    return {"client_assertion_type": TYPE, "client_assertion": assertion}
