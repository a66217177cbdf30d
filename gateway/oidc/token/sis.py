"""The client credentials grant of an LEA's student information system: a token for one system, about that LEA alone.

Such a client is no relying party, and its token's audience is never the gateway: nothing here can be read with it. The
system that it is for finds the LEA in the claim `organization`, and holds it to that.
"""

import hmac
from datetime import date
from typing import Final

from gateway.oidc.client.authentication import Credentials, secret_hash, unproven
from gateway.oidc.errors import InvalidScopeError, InvalidTargetError, plain
from gateway.oidc.parameters import Parameters
from gateway.oidc.token.effects import Granted
from gateway.oidc.token.tokens import Mint, sis_access_token, token_response
from policy.ids import System
from store.sis_credentials import SisClient

SYSTEM: Final = System("toms")
"""Where student information systems hand in and fetch what is their LEA's."""
SCOPE: Final = "sis"
METHODS: Final = frozenset({"client_secret_basic", "client_secret_post"})


def issue(form: Parameters, client: SisClient | None, credentials: Credentials, today: date, mint: Mint) -> Granted:
    """`client`: as it is known, None: not at all, or revoked. `today`: the state's date. Raises an OAuth2Error."""
    known = _authenticated(client, credentials, today)
    asked = (form.get("scope") or SCOPE).split()
    if asked != [SCOPE]:
        raise InvalidScopeError(f"SIS credentials have the scope {SCOPE} alone, not {plain(' '.join(asked))}.")
    if known.resource is None:
        raise InvalidTargetError("No resource is registered for the system that SIS credentials are for.")
    if form.get("resource", known.resource) != known.resource:
        raise InvalidTargetError("SIS credentials are for one system: leave resource out.")
    access = sis_access_token(mint, known.client_id, known.resource, SCOPE, known.organization)
    return Granted(token_response(mint, access, SCOPE))


def _authenticated(client: SisClient | None, credentials: Credentials, today: date) -> SisClient:
    presented = secret_hash(credentials.secret or "")
    if (
        client is None
        or credentials.method not in METHODS
        or not hmac.compare_digest(presented, client.secret_hash)
        or client.expires_on < today
    ):
        raise unproven()
    return client
