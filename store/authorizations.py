"""Authorizations with their codes and refresh tokens: loaded in one statement, consumed by compare-and-set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.grant import ActiveRole
from policy.ids import OrganizationId, UserId
from store.database import Connection, Row
from store.relying_parties import RelyingParty, relying_party_of
from store.standing import Standing, active_role_columns, active_role_of, standing_of
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a person let a relying party have: the root of its codes, access and refresh tokens."""

    id: UUID
    client_id: str
    user: UserId
    session: UUID | None
    scope: str
    resource: str
    requested_details: Sequence[Mapping[str, Any]] | None
    nonce: str | None
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    active: ActiveRole | None
    created_at: datetime
    expires_at: datetime
    revoked: bool = False
    dpop_jkt: str | None = None
    """Thumbprint of the key that its tokens are bound to (RFC 9449)."""
    lea: OrganizationId | None = None
    """As of the session that it came from: see `Standing.lea`."""
    place: OrganizationId | None = None
    """See `Standing.place`."""


@dataclass(frozen=True, slots=True)
class Code:
    code_hash: bytes
    redirect_uri: str
    code_challenge: str
    expires_at: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class RefreshToken:
    token_hash: bytes
    issued_at: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class Authorized:
    """A client and, where the presented value was found, what it stands for. The value may be another client's.

    `epoch`: the version of the last change that may concern everybody, as this statement read it.
    """

    client: RelyingParty
    epoch: int
    authorization: Authorization | None = None
    standing: Standing | None = None
    code: Code | None = None
    refresh_token: RefreshToken | None = None


@dataclass(frozen=True, slots=True)
class PresentedRefreshToken:
    """What a refresh token stands for, whoever presented it; without `authorization` where it is unknown.

    `registrations`: their version as this statement read it (`store.registrations`).
    """

    registrations: int
    epoch: int
    authorization: Authorization | None = None
    standing: Standing | None = None
    refresh_token: RefreshToken | None = None

    def of(self, client: RelyingParty) -> Authorized:
        """The same for the client that presents it."""
        return Authorized(client, self.epoch, self.authorization, self.standing, refresh_token=self.refresh_token)


async def insert_authorization(connection: Connection, authorization: Authorization, code: Code) -> bool:
    """Keep an authorization of a session with its code; False: the session has ended, and nothing was kept.

    The session's limit to an LEA is taken over, whatever `authorization.lea` says.
    """
    details = authorization.requested_details
    kept = await connection.fetchval(
        statements("authorizations")["insert"],
        authorization.id,
        authorization.client_id,
        authorization.user,
        authorization.session,
        authorization.scope,
        authorization.resource,
        None if details is None else list(details),
        authorization.nonce,
        authorization.auth_time,
        authorization.acr,
        list(authorization.amr),
        *active_role_columns(authorization.active),
        authorization.created_at,
        authorization.expires_at,
        code.code_hash,
        code.redirect_uri,
        code.code_challenge,
        code.expires_at,
        authorization.dpop_jkt,
        authorization.place,
    )
    return kept is not None


async def authorized_by_code(connection: Connection, client_id: str, code_hash: bytes) -> Authorized | None:
    """None: there is no such client."""
    row = await connection.fetchrow(statements("authorizations")["by_code"], client_id, code_hash)
    return None if row is None else _authorized(row, code=_code(row["code"]))


async def authorized_by_refresh_token(connection: Connection, client_id: str, token_hash: bytes) -> Authorized | None:
    """None: there is no such client."""
    row = await connection.fetchrow(statements("authorizations")["by_refresh_token"], client_id, token_hash)
    return None if row is None else _authorized(row, refresh_token=_refresh_token(row["refresh_token"]))


async def presented_refresh_tokens(
    connection: Connection, token_hashes: Sequence[bytes]
) -> Sequence[PresentedRefreshToken]:
    """What each of them stands for, in the same order."""
    rows = await connection.fetch(statements("authorizations")["by_refresh_tokens"], list(token_hashes))
    return [_presented(row) for row in rows]


async def authorized_by_access_token(
    connection: Connection, client_id: str, authorization: UUID | None
) -> Authorized | None:
    """Without `authorization` where it isn't that client's.

    None: there is no such client, or for a system's own token (`authorization` None) it may have none any more.
    """
    row = await connection.fetchrow(statements("authorizations")["by_access_token"], client_id, authorization)
    if row is None or (authorization is None and "client_credentials" not in row["client"]["grant_types"]):
        return None
    return _authorized(row)


async def redeem_code(
    connection: Connection, code_hash: bytes, now: datetime, new_refresh_token: bytes | None, dpop_jkt: str | None
) -> bool:
    """Use a code up and keep its refresh token; False: somebody else was first, or the authorization was revoked.

    `dpop_jkt`: thumbprint of the key that what comes from the authorization is bound to from now on.
    """
    arguments = code_hash, now, new_refresh_token, dpop_jkt
    return await connection.fetchval(statements("authorizations")["redeem_code"], *arguments)


async def rotate_refresh_tokens(
    connection: Connection, pairs: Sequence[tuple[bytes, bytes]], now: datetime
) -> frozenset[bytes]:
    """Put successors in the place of refresh tokens, each named once; which were replaced.

    The others were used before, or their authorization was revoked. The statement is one transaction: when it returns,
    all of it is durable.
    """
    tokens, successors = [token for token, _ in pairs], [successor for _, successor in pairs]
    rows = await connection.fetch(statements("authorizations")["rotate_refresh_tokens"], tokens, now, successors)
    return frozenset(row["token_hash"] for row in rows)


async def revoke_authorization(connection: Connection, authorization: UUID, now: datetime, why: str) -> None:
    """End everything that came from it."""
    await connection.execute(statements("authorizations")["revoke"], authorization, now, why)


def _presented(row: Row) -> PresentedRefreshToken:
    if row["authorization"] is None:
        return PresentedRefreshToken(row["registrations"], row["epoch"])
    root, token = _authorization(row["authorization"]), _refresh_token(row["refresh_token"])
    return PresentedRefreshToken(row["registrations"], row["epoch"], root, standing_of(row), token)


def _authorized(row: Row, code: Code | None = None, refresh_token: RefreshToken | None = None) -> Authorized:
    client = relying_party_of(row["client"], row["resources"])
    if row["authorization"] is None:
        return Authorized(client, row["epoch"])
    return Authorized(client, row["epoch"], _authorization(row["authorization"]), standing_of(row), code, refresh_token)


def _authorization(row: Row) -> Authorization:
    return Authorization(
        row["id"],
        row["client_id"],
        UserId(row["user_id"]),
        row["session_id"],
        row["scope"],
        row["resource"],
        row["requested_details"],
        row["nonce"],
        row["auth_time"],
        row["acr"],
        tuple(row["amr"]),
        active_role_of(row),
        row["created_at"],
        row["expires_at"],
        row["revoked_at"] is not None,
        row["dpop_jkt"],
        None if row["lea_id"] is None else OrganizationId(row["lea_id"]),
        None if row["place_id"] is None else OrganizationId(row["place_id"]),
    )


def _code(row: Row | None) -> Code | None:
    if row is None:
        return None
    return Code(
        row["code_hash"], row["redirect_uri"], row["code_challenge"], row["expires_at"], row["used_at"] is not None
    )


def _refresh_token(row: Row | None) -> RefreshToken | None:
    return None if row is None else RefreshToken(row["token_hash"], row["issued_at"], row["used_at"] is not None)
