"""What a decision of the token endpoint does to the database: consume a code or refresh token, or revoke."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import HTTPConnection

from gateway.oidc.errors import InvalidGrantError, OAuth2Error
from gateway.oidc.token.refreshing import refreshing_of
from gateway.state import gateway_of
from store.authorizations import redeem_code, revoke_authorization


@dataclass(frozen=True, slots=True)
class RedeemCode:
    code_hash: bytes
    authorization: UUID
    refresh_token: bytes | None
    """SHA-256 of the refresh token to keep."""
    bound_to: str | None = None
    """Thumbprint of the key that the authorization is bound to from now on."""


@dataclass(frozen=True, slots=True)
class RotateRefreshToken:
    token_hash: bytes
    authorization: UUID
    successor: bytes


@dataclass(frozen=True, slots=True)
class Granted:
    """The answer, once `effect` has been applied."""

    body: Mapping[str, Any]
    effect: RedeemCode | RotateRefreshToken | None = None


class RefusedAndRevokedError(Exception):
    """The request is refused, and what it tried to use again ends."""

    def __init__(self, error: OAuth2Error, authorization: UUID, why: str) -> None:
        super().__init__(why)
        self.error = error
        self.authorization = authorization
        self.why = why


async def apply(request: HTTPConnection, effect: RedeemCode | RotateRefreshToken | None, now: datetime) -> None:
    """Consume by compare-and-set. Raises RefusedAndRevokedError when another request was faster.

    Then one of the two is a thief's, and nobody can say which (RFC 9700 sections 2.1.1 and 4.14.2).
    """
    if effect is None:
        return
    if isinstance(effect, RotateRefreshToken):
        won = await refreshing_of(request).rotate(effect.token_hash, effect.successor, now)
    else:
        async with gateway_of(request).pool.acquire() as connection:
            won = await redeem_code(connection, effect.code_hash, now, effect.refresh_token, effect.bound_to)
    if not won:
        raise reused(effect.authorization, "code" if isinstance(effect, RedeemCode) else "refresh token")


async def revoke(request: HTTPConnection, refused: RefusedAndRevokedError, now: datetime) -> None:
    async with gateway_of(request).pool.acquire() as connection:
        await revoke_authorization(connection, refused.authorization, now, refused.why)


def reused(authorization: UUID, what: str) -> RefusedAndRevokedError:
    """The refusal of a code or refresh token that was used before."""
    error = InvalidGrantError(f"The {what} was used before; everything that came from it is revoked.")
    return RefusedAndRevokedError(error, authorization, f"{what} used twice")
