"""The logout token: tells one relying party that a session is over (OpenID Connect Back-Channel Logout 1.0, 2.4)."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from gateway.oidc.keys.signing_key import SigningKey
from policy.ids import UserId

TYP: Final = "logout+jwt"
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LIFE: Final = timedelta(minutes=2)
"""As the specification recommends: a later attempt brings a new token."""


def logout_token(
    key: SigningKey, *, issuer: str, client_id: str, user: UserId, session: UUID, now: datetime, jti: UUID
) -> str:
    """For this client alone, without `nonce`, so that it never passes as an ID token."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": str(user),
        "aud": client_id,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "jti": str(jti),
        "sid": str(session),
        "events": {EVENT: {}},
    }
    return key.sign(claims, TYP)
