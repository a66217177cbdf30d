"""The npm package openid-client at a running gateway: code with PKCE, refresh, client_credentials, and no way in."""

import json
from typing import Any

import pytest

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.node_client import openid_client
from tests.e2e.secret_values import SecretValues
from tests.e2e.state import State, external
from tests.gateway.prepared import prepared_hallpass
from tests.oidc.world import CALLBACK, CERS_URI, PASSWORD, SECRET

pytestmark = pytest.mark.node

PARK_CODE = "school:19647331930000"
ACTIVE_ROLE = {
    "program": "caaspp",
    "role": "site-coordinator",
    "school_year": "2026-27",
    "organizations": [PARK_CODE],
}


@pytest.fixture
def asked(gateway: GatewayProcess) -> dict[str, str]:
    """Ana at the relying party that authenticates by HTTP Basic."""
    return {
        "issuer": gateway.url,
        "clientId": "reporting",
        "clientSecret": SECRET,
        "authMethod": "client_secret_basic",
        "idTokenAlg": "RS256",
        "redirectUri": CALLBACK,
        "resource": CERS_URI,
        "scope": "openid profile email assessment offline_access",
        "email": "ana@example.org",
        "password": PASSWORD,
    }


def test_code_with_pkce_refresh_and_client_credentials(
    asked: dict[str, str], state: State, secrets: SecretValues
) -> None:
    told = openid_client(asked, secrets)
    _sees_anas_access(told, asked, state)
    assert told["identity"]["assessment"]["active_role"] == ACTIVE_ROLE
    assert told["access"]["claims"]["assessment"]["active_role"] == ACTIVE_ROLE
    assert {entry["program"] for entry in told["identity"]["assessment_access"]} == {"caaspp"}
    _rotates_and_forgets(told)
    own = told["own"]["access"]
    assert (own["claims"]["sub"], own["claims"]["client_id"]) == ("reporting", "reporting")
    assert "assessment" not in own["claims"]
    assert "authorization_details" not in own["claims"]
    assert not told["own"]["hasRefreshToken"]


def test_a_client_from_the_command_line_with_es256_and_the_union_of_roles(
    asked: dict[str, str], state: State, secrets: SecretValues
) -> None:
    """Registered beside the running gateway, which knows it at the next request."""
    asked |= {"clientId": "union", "authMethod": "client_secret_post", "idTokenAlg": "ES256"}
    done = prepared_hallpass(
        "clients", "add", "union", "--label", "Union", "--system", "cers", "--redirect-uri", CALLBACK,
        "--changes-by", "refresh", "--grant", "authorization_code", "--grant", "refresh_token",
        "--grant", "client_credentials",
        "--auth-method", "client_secret_post", "--id-token-alg", "ES256", "--role-mode", "union",
        "--operator", "end-to-end test", "--json", more=external(state.url),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    asked["clientSecret"] = json.loads(done.stdout)["client_secret"]
    secrets.keep_basic("union", asked["clientSecret"])
    told = openid_client(asked, secrets)
    _sees_anas_access(told, asked, state)
    _rotates_and_forgets(told)
    assert "active_role" not in told["identity"]["assessment"]
    assert {entry["program"] for entry in told["identity"]["assessment_access"]} == {"caaspp", "elpac"}


def test_who_has_steps_to_do_gets_no_code_and_learns_which(asked: dict[str, str], secrets: SecretValues) -> None:
    told = openid_client(asked | {"email": "unsigned@example.org"}, secrets)
    assert "Test Administrator" in told["page"]
    assert "Security Affidavit" in told["page"]
    _is_sent_back_with_access_denied(told)


def test_who_has_no_role_gets_no_code(asked: dict[str, str], secrets: SecretValues) -> None:
    told = openid_client(asked | {"email": "nobody@example.org"}, secrets)
    assert "None of your roles gives access" in told["page"]
    _is_sent_back_with_access_denied(told)


def _sees_anas_access(told: dict[str, Any], asked: dict[str, str], state: State) -> None:
    """The same entries in each token and answer, for the audience and the person that were asked for."""
    identity, access, userinfo = told["identity"], told["access"], told["userinfo"]
    assert identity["sub"] == access["claims"]["sub"] == userinfo["sub"] == str(state.ana)
    assert (identity["aud"], access["claims"]["aud"]) == (asked["clientId"], CERS_URI)
    assert access["claims"]["client_id"] == asked["clientId"]
    assert (access["header"]["typ"], access["header"]["alg"]) == ("at+jwt", "ES256")
    assert access["claims"]["exp"] - access["claims"]["iat"] == told["response"]["expiresIn"] == 300
    entries = identity["assessment_access"]
    assert entries == access["claims"]["authorization_details"] == told["response"]["details"]
    assert entries == userinfo["assessment_access"]
    assert identity["assessment"] == access["claims"]["assessment"] == userinfo["assessment"]
    assert {entry["type"] for entry in entries} == {"assessment_access"}
    assert {location for entry in entries for location in entry["locations"]} == {CERS_URI}
    seen = [entry for entry in entries if entry["program"] == "caaspp" and "results:view" in entry["actions"]]
    assert {assessment for entry in seen for assessment in entry["assessments"]} == {"summative", "interim"}
    assert {(entry["reach"], entry["school_year"], *entry["organizations"]) for entry in seen} == {
        ("site", "2026-27", PARK_CODE)
    }
    assert (userinfo["name"], userinfo["email"]) == ("Ana Example", "ana@example.org")


def _rotates_and_forgets(told: dict[str, Any]) -> None:
    """RFC 9700 sections 4.5.3 and 4.14.2: a code or a refresh token that comes twice ends the authorization."""
    assert told["rotated"]
    refreshed = told["refreshed"]
    assert refreshed["identity"]["sub"] == told["identity"]["sub"]
    assert "nonce" not in refreshed["identity"]
    assert refreshed["access"]["claims"]["authorization_details"] == told["access"]["claims"]["authorization_details"]
    assert refreshed["access"]["claims"]["jti"] != told["access"]["claims"]["jti"]
    assert (told["codeAgain"], told["afterCodeAgain"]) == ("invalid_grant", "invalid_grant")
    assert told["refreshAgain"] == ["invalid_grant", "invalid_grant"]
    assert told["signedOut"] == {"status": 200, "refresh": "invalid_grant"}


def _is_sent_back_with_access_denied(told: dict[str, Any]) -> None:
    assert told["status"] == 403
    assert told["leave"]["to"] == CALLBACK
    assert told["leave"]["names"] == ["error", "error_description", "iss", "state"]
    assert told["failure"] == "access_denied"
