"""POST `/oauth2/token`: one statement loads what the request names, a grant decides, one statement applies it."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.access_cache import today_of
from gateway.oidc.answers import error_answer, form_of, json_answer
from gateway.oidc.authorization.entitlement import Entitlement
from gateway.oidc.authorization.told import known_told, told_of
from gateway.oidc.client.authentication import Credentials, credentials_of, judge_client, unproven
from gateway.oidc.client.memory import client_memory_of
from gateway.oidc.client.request_key import request_key
from gateway.oidc.dpop import nonces as dpop_nonces
from gateway.oidc.dpop import proof as dpop
from gateway.oidc.dpop.proof import Possession, nonces_of, possession_at_endpoint
from gateway.oidc.errors import (
    InvalidDpopProofError,
    InvalidRequestError,
    OAuth2Error,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
    plain,
)
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.parameters import Parameters
from gateway.oidc.token import authorization_code as authorization_code_grant
from gateway.oidc.token import client_credentials as client_credentials_grant
from gateway.oidc.token import refresh_token as refresh_token_grant
from gateway.oidc.token import sis as sis_grant
from gateway.oidc.token.binding import check_client_key
from gateway.oidc.token.effects import Granted, RefusedAndRevokedError, apply, revoke
from gateway.oidc.token.refreshing import refreshing_of
from gateway.oidc.token.systems_granted import given_before, remember_given
from gateway.oidc.token.tokens import Mint
from gateway.smarter.claims import sbac_claims
from gateway.state import gateway_of
from gateway.whole_body import whole_body
from policy.scopes import SBAC
from resolvers.sis_credentials import CLIENT_PREFIX
from store.authorizations import Authorized, authorized_by_code
from store.relying_parties import RelyingParty
from store.sis_credentials import sis_client
from store.used_proofs import Proof, use_proofs

PATH: Final = "/oauth2/token"


@dataclass(frozen=True, slots=True)
class _Call:
    request: Request
    key: bytes
    """The request's `request_key`."""
    form: Parameters
    credentials: Credentials
    mint: Mint
    unused: list[Proof]
    """Proofs that are good once and were not yet used up."""


async def token(request: Request) -> Response:
    """RFC 6749 section 3.2. Errors are those of section 5.2, in JSON."""
    try:
        body = await _answer(request)
    except OAuth2Error as error:
        return error_answer(error)
    answer = json_answer(body)
    if dpop.HEADER in request.headers:
        gateway = gateway_of(request)
        answer.headers[dpop_nonces.HEADER] = nonces_of(gateway).at(gateway.now())
    return answer


async def _answer(request: Request) -> Mapping[str, Any]:
    body = await whole_body(request.receive)
    key = request_key(request, body)
    before = await given_before(request, key)
    if before is not None:
        return client_credentials_grant.answer(await _mint(request), before)
    form = form_of(request, body)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise InvalidRequestError("grant_type is missing.")
    grant = GRANTS.get(grant_type)
    if grant is None:
        raise UnsupportedGrantTypeError(plain(grant_type))
    credentials = credentials_of(request.headers, form)
    possession = possession_at_endpoint(request)
    mint = await _mint(request, possession)
    call = _Call(request, key, form, credentials, mint, [] if possession is None else [possession.proof])
    try:
        granted = await grant(call)
        if call.unused:
            await _use_up(call)
        await apply(request, granted.effect, mint.now)
    except RefusedAndRevokedError as refused:
        await revoke(request, refused, mint.now)
        raise refused.error from refused
    return granted.body


async def _mint(request: Request, possession: Possession | None = None) -> Mint:
    gateway = gateway_of(request)
    now = gateway.now()
    keys = await key_ring_of(request).at(now)
    bound_to = None if possession is None else possession.thumbprint
    return Mint(gateway.settings.issuer, keys, now, gateway.new_id, gateway.new_token, bound_to)


async def _authorization_code(call: _Call) -> Granted:
    code_hash = _digest(call.form, "code")
    async with gateway_of(call.request).pool.acquire() as connection:
        facts = await authorized_by_code(connection, call.credentials.client_id, code_hash)
    if facts is None:
        raise unproven()
    await _authenticated(facts.client, call, "authorization_code")
    return authorization_code_grant.redeem(call.form, facts, await _entitled(call, facts), call.mint)


async def _refresh_token(call: _Call) -> Granted:
    presented = await refreshing_of(call.request).presented(_digest(call.form, "refresh_token"))
    client = await client_memory_of(call.request).at(presented.registrations, call.credentials.client_id)
    known = await _authenticated(None if client is None else client.client, call, "refresh_token")
    facts = presented.of(known)
    return refresh_token_grant.refresh(call.form, facts, await _entitled(call, facts), call.mint)


async def _client_credentials(call: _Call) -> Granted:
    if call.credentials.client_id.startswith(CLIENT_PREFIX):
        return await _sis(call)
    found = await client_memory_of(call.request).now(call.credentials.client_id)
    client = await _authenticated(None if found is None else found.client, call, "client_credentials")
    known = found is not None and call.form.get("resource") in found.resources
    grant = client_credentials_grant.judge(call.form, client, known, call.mint.issuer)
    if found is not None and call.credentials.good_again and call.mint.bound_to is None:
        remember_given(call.request, call.key, found.version, grant)
    return Granted(client_credentials_grant.answer(call.mint, grant))


async def _sis(call: _Call) -> Granted:
    async with gateway_of(call.request).pool.acquire() as connection:
        client = await sis_client(connection, call.credentials.client_id, sis_grant.SYSTEM)
    today = today_of(gateway_of(call.request).settings, call.mint.now)
    return sis_grant.issue(call.form, client, call.credentials, today, call.mint)


GRANTS: Final[Mapping[str, Callable[[_Call], Awaitable[Granted]]]] = MappingProxyType(
    {
        "authorization_code": _authorization_code,
        "refresh_token": _refresh_token,
        "client_credentials": _client_credentials,
    }
)
"""What the token endpoint grants, by `grant_type`; discovery lists the same."""


def _digest(form: Parameters, name: str) -> bytes:
    if name not in form:
        raise InvalidRequestError(f"{name} is missing.")
    return hashlib.sha256(form[name].encode()).digest()


async def _authenticated(client: RelyingParty | None, call: _Call, grant_type: str) -> RelyingParty:
    proven = judge_client(call.request, client, call.credentials)
    if proven.proofs:
        await _use_up(call, proven.proofs)
    known = proven.client
    check_client_key(known, call.mint.bound_to)
    if grant_type not in known.grant_types:
        raise UnauthorizedClientError(f"The client is not registered for {grant_type}.")
    return known


async def _use_up(call: _Call, assertion: tuple[Proof, ...] = ()) -> None:
    """The proofs of this request, each good once, in one statement: before anything is given.

    Not before the client is known, or the request good: strangers don't fill the table. Raises InvalidClientError for
    an assertion that was used before, InvalidDpopProofError for such a DPoP proof.
    """
    async with gateway_of(call.request).pool.acquire() as connection:
        used = await use_proofs(connection, (*assertion, *call.unused))
    call.unused.clear()
    if any(one in used for one in assertion):
        raise unproven()
    if used:
        raise InvalidDpopProofError("The DPoP proof was used before.")


async def _entitled(call: _Call, facts: Authorized) -> Entitlement | None:
    """The person's access now, cut to the authorization's narrowing; None: she has none."""
    root, standing = facts.authorization, facts.standing
    if root is None or standing is None:
        return None
    known = None if SBAC in root.scope.split() else known_told(call.request, facts.client, root, standing)
    if known is not None:
        return known.entitled
    async with gateway_of(call.request).pool.acquire() as connection:
        told = await told_of(call.request, connection, facts.client, root, standing)
        if told is None or SBAC not in root.scope.split():
            return None if told is None else told.entitled
        further = await sbac_claims(call.request, connection, told.entitled, facts.client, facts.epoch)
    return replace(told.entitled, further=further)
