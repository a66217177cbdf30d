"""Authlib's own client: code with PKCE, refresh, introspection, revocation, client_credentials, and signing out."""

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import SignedIn, sign_in
from tests.e2e.state import State
from tests.oidc.world import CALLBACK, SECRET

_SCOPE = "openid profile email assessment offline_access"


@pytest.fixture
def metadata(gateway: GatewayProcess) -> dict[str, Any]:
    return httpx2.get(f"{gateway.url}/.well-known/openid-configuration").json()


@pytest.fixture
def client(metadata: dict[str, Any]) -> Iterator[Any]:
    """Untyped, as the library is."""
    made: Any = cast(Any, OAuth2Client)(
        client_id="reporting",
        client_secret=SECRET,
        scope=_SCOPE,
        redirect_uri=CALLBACK,
        token_endpoint=metadata["token_endpoint"],
        code_challenge_method="S256",
    )
    yield made
    made.close()


def _tokens(client: Any, metadata: dict[str, Any], person: SignedIn, secrets: SecretValues) -> dict[str, Any]:
    verifier = generate_token(48)
    address, _ = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    with person.at("") as http:
        answer = http.get(address)
    assert answer.headers["location"].startswith(CALLBACK)
    tokens = client.fetch_token(authorization_response=answer.headers["location"], code_verifier=verifier)
    secrets.keep(verifier, tokens["access_token"], tokens["refresh_token"], tokens["id_token"])
    return tokens


def test_sign_in_refresh_and_sign_out(
    client: Any, metadata: dict[str, Any], gateway: GatewayProcess, state: State, secrets: SecretValues
) -> None:
    person, _ = sign_in(gateway.url, "ana", secrets)
    tokens = _tokens(client, metadata, person, secrets)
    keys = KeySet.import_key_set(httpx2.get(metadata["jwks_uri"]).json())
    identity = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert (identity["sub"], identity["aud"]) == (str(state.ana), "reporting")
    assert client.get(metadata["userinfo_endpoint"]).json()["sub"] == str(state.ana)
    first = tokens["refresh_token"]
    refreshed = client.refresh_token()
    secrets.keep(refreshed["access_token"], refreshed["refresh_token"], refreshed["id_token"])
    assert refreshed["refresh_token"] != first
    told = client.introspect_token(metadata["introspection_endpoint"], token=refreshed["access_token"]).json()
    assert (told["active"], told["sub"]) == (True, str(state.ana))
    with person.at(gateway.url) as http:
        asked = {"id_token_hint": refreshed["id_token"], "client_id": "reporting"}
        http.get(f"{metadata['end_session_endpoint']}?{urlencode(asked)}")
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token()


def test_revocation_ends_the_family(
    client: Any, metadata: dict[str, Any], gateway: GatewayProcess, secrets: SecretValues
) -> None:
    person, _ = sign_in(gateway.url, "ana", secrets)
    tokens = _tokens(client, metadata, person, secrets)
    assert client.revoke_token(metadata["revocation_endpoint"], token=tokens["refresh_token"]).status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token()
    assert client.get(metadata["userinfo_endpoint"]).status_code == 401


def test_a_system_gets_its_own_token(client: Any, secrets: SecretValues) -> None:
    token = client.fetch_token(grant_type="client_credentials", scope=None)
    secrets.keep(token["access_token"])
    assert token["token_type"] == "Bearer"


def test_a_person_without_a_grant_stays_out(
    client: Any, metadata: dict[str, Any], gateway: GatewayProcess, secrets: SecretValues
) -> None:
    person, _ = sign_in(gateway.url, "nobody", secrets)
    address, _ = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=generate_token(48), prompt="none"
    )
    with person.at("") as http:
        back = http.get(address).headers["location"]
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]
