"""POST `/oauth2/introspect`: a resource server asks what a token is worth now (RFC 7662)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.access_cache import access_of_standing, today_of
from gateway.oidc.answers import JsonAnswer, error_answer, form_of
from gateway.oidc.authorization.details import Detail, cut_to
from gateway.oidc.authorization.entitlement import Entitlement, entitlement
from gateway.oidc.authorization.resources import is_audience, resources_of
from gateway.oidc.client.authentication import Credentials, authenticate_client, credentials_of, unproven
from gateway.oidc.client.request_key import request_key
from gateway.oidc.errors import InvalidRequestError, OAuth2Error
from gateway.oidc.keys.ring import KeySet, key_ring_of
from gateway.oidc.keys.token_cache import Claims, verified_access_token
from gateway.oidc.keys.verification import BadTokenError
from gateway.oidc.parameters import Parameters
from gateway.oidc.resource.introspection_memory import Kept, kept_answer, memory_of
from gateway.oidc.resource.revoke import looks_like_jwt
from gateway.oidc.token.sis import SYSTEM as SIS_SYSTEM
from gateway.oidc.token.tokens import NARROWED_TO
from gateway.principal import authorization_id
from gateway.state import gateway_of
from gateway.whole_body import whole_body
from policy.facts import UserStatus
from resolvers.sis_credentials import CLIENT_PREFIX
from store.authorizations import Authorized, authorized_by_access_token, authorized_by_refresh_token
from store.database import Connection
from store.denied_tokens import is_denied
from store.introspection import Question, read_marks
from store.relying_parties import RelyingParty
from store.sis_credentials import sis_client

PATH: Final = "/oauth2/introspect"
_TOLD: Final = ("aud", "client_id", "exp", "iat", "iss", "jti", "scope", "sub", "cnf", "acr", "auth_time")
"""Claims of an access token that its resource server is told as they are."""


class _InactiveError(Exception):
    """The caller is told that the token is not active, and nothing else (section 2.2)."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of an authenticated caller."""

    request: Request
    connection: Connection
    caller: RelyingParty
    issuer: str
    now: datetime


async def introspect(request: Request) -> Response:
    """What an access token is worth to the resource server of its audience, a refresh token to its own client.

    Worked out from the facts of this moment: a person's entries are those of her access now, also where they are too
    many for the token, and without any the token is inactive. Every other question is answered alike.
    """
    asked = await whole_body(request.receive)
    key = request_key(request, asked)
    body = await kept_answer(request, key)
    if body is None:
        try:
            body = await _worked_out(request, key, form_of(request, asked))
        except OAuth2Error as error:
            return error_answer(error)
        except _InactiveError:
            body = orjson.dumps({"active": False})
    return JsonAnswer(body)


async def _worked_out(request: Request, key: bytes, form: Parameters) -> bytes:
    gateway = gateway_of(request)
    now = gateway.now()
    credentials = credentials_of(request.headers, form)
    async with gateway.pool.acquire() as connection:
        keys = await key_ring_of(request).at(now, connection)
        token = form.get("token", "")
        claims = _verified(request, token, keys, now)
        question = None if claims is None else _lasting(credentials, claims)
        mark = None if question is None else (await read_marks(connection, [question]))[0]
        caller = await authenticate_client(request, connection, form)
        if caller.auth_method == "none":
            raise unproven()
        if not token:
            raise InvalidRequestError("token is missing.")
        asked = _Asked(request, connection, caller, gateway.settings.issuer, now)
        answer = await (_of_refresh_token(asked, token) if claims is None else _of_access_token(asked, claims))
    body = orjson.dumps({"active": True, **answer})
    if question is not None and mark is not None and claims is not None:
        good_until = datetime.fromtimestamp(claims["exp"], UTC)
        memory_of(request).put(key, Kept(body, question, mark, keys, today_of(gateway.settings, now), good_until))
    return body


def _verified(request: Request, token: str, keys: KeySet, now: datetime) -> Claims | None:
    """The claims of a good access token; None: it is none, or not good any more."""
    if not looks_like_jwt(token):
        return None
    try:
        return verified_access_token(request, token, keys, now)
    except BadTokenError:
        return None


def _lasting(credentials: Credentials, claims: Claims) -> Question | None:
    """What an answer that may be kept rests on: not where a proof is good once, nor of what isn't a relying party's."""
    client_id = str(claims["client_id"])
    if not credentials.good_again or client_id.startswith(CLIENT_PREFIX):
        return None
    return Question(credentials.client_id, client_id, authorization_id(claims), UUID(claims["jti"]))


async def _of_access_token(asked: _Asked, claims: Claims) -> dict[str, Any]:
    if claims["aud"] not in resources_of(asked.caller, asked.issuer).values():
        raise _InactiveError
    told = {name: claims[name] for name in _TOLD if name in claims}
    told["token_type"] = "DPoP" if "cnf" in claims else "Bearer"
    if str(claims["client_id"]).startswith(CLIENT_PREFIX):
        return told | await _of_sis(asked, claims)
    root = authorization_id(claims)
    facts = await authorized_by_access_token(asked.connection, str(claims["client_id"]), root)
    if facts is None or not facts.client.active:
        raise _InactiveError
    if "scope" in told:
        told["scope"] = " ".join(one for one in str(told["scope"]).split() if one in facts.client.scopes)
    if root is None:
        if await is_denied(asked.connection, UUID(claims["jti"])):
            raise _InactiveError
        return told
    return told | _entries(await _entitled(asked, facts), claims.get("authorization_details"), claims.get(NARROWED_TO))


async def _of_sis(asked: _Asked, claims: Claims) -> dict[str, Any]:
    """Of a student information system's token: which LEA it is about."""
    client = await sis_client(asked.connection, str(claims["client_id"]), SIS_SYSTEM)
    today = today_of(gateway_of(asked.request).settings, asked.now)
    if client is None or client.expires_on < today or client.resource != claims["aud"]:
        raise _InactiveError
    return {"organization": claims["organization"]}


async def _of_refresh_token(asked: _Asked, token: str) -> dict[str, Any]:
    digest = hashlib.sha256(token.encode()).digest()
    facts = await authorized_by_refresh_token(asked.connection, asked.caller.client_id, digest)
    root = facts.authorization if facts else None
    presented = facts.refresh_token if facts else None
    if facts is None or root is None or presented is None or root.client_id != asked.caller.client_id:
        raise _InactiveError
    if presented.used or asked.now >= root.expires_at or "refresh_token" not in facts.client.grant_types:
        raise _InactiveError
    told: dict[str, Any] = {
        "iss": asked.issuer,
        "sub": str(root.user),
        "aud": root.resource,
        "client_id": root.client_id,
        "scope": root.scope,
        "iat": int(presented.issued_at.timestamp()),
        "exp": int(root.expires_at.timestamp()),
    }
    if root.dpop_jkt is not None:
        told["cnf"] = {"jkt": root.dpop_jkt}
    return told | _entries(await _entitled(asked, facts))


async def _entitled(asked: _Asked, facts: Authorized) -> Entitlement:
    """The person's access now, within what the authorization was narrowed to. Raises _InactiveError: none is left."""
    root, standing, client = facts.authorization, facts.standing, facts.client
    if root is None or standing is None or root.revoked or standing.status is not UserStatus.ACTIVE:
        raise _InactiveError
    if not is_audience(client, asked.issuer, root.resource, root.scope.split()):
        raise _InactiveError
    access = await access_of_standing(asked.request, asked.connection, standing)
    found = entitlement(
        access, client, root.active, issuer=asked.issuer, version=standing.version, requested=root.requested_details
    )
    if found is None:
        raise _InactiveError
    return found


def _entries(
    entitled: Entitlement, in_token: Sequence[Detail] | None = None, narrowed_to: Sequence[Detail] | None = None
) -> dict[str, Any]:
    """The entries of this moment; of a token never wider than those that it holds, or than what it was narrowed to.

    Raises _InactiveError where nothing of a token's entries is left.
    """
    details = cut_to(entitled.details, narrowed_to)
    if narrowed_to is not None and not details:
        raise _InactiveError
    if in_token is not None and details != list(in_token):
        details = cut_to(details, in_token)
        if in_token and not details:
            raise _InactiveError
    return {"assessment": entitled.context(), "authorization_details": details}
