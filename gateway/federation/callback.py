"""`/signin/callback/{provider}`: the provider's answer, judged; then a session, a link, or a calm page."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.federation.arriving import Arrived, arrive
from gateway.federation.discovery import ProviderMetadata
from gateway.federation.exchange import ExchangeError, exchanged
from gateway.federation.id_token import BadIdTokenError, Expected, header_of, verified_claims
from gateway.federation.key_sets import KeySets
from gateway.federation.offer import counting, not_offered
from gateway.federation.ways import CALLBACK, client_here, come_back, forget_browser
from gateway.logging import logger
from gateway.outgoing import OutgoingError
from gateway.pages import render
from gateway.signin.next_path import START
from gateway.state import gateway_of, kept_in
from policy.federation import is_of_tenant, subject_of
from store.identity_providers import ProviderRecord

_log = logger("hallpass.federation")
PATH: Final = CALLBACK + "/{provider}"
_NAMES: Final = ("state", "code", "iss", "error")
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class _Answer:
    """The parameters of an authorization answer; '' for one that isn't there."""

    state: str
    code: str
    iss: str
    error: str


class _RefusedError(Exception):
    """Why the answer isn't taken: for the log. `page`: which of the page's sentences is shown."""

    def __init__(self, why: str, page: str = "technical") -> None:
        super().__init__(why)
        self.page = page


async def callback(request: Request) -> Response:
    """GET: what `arrive` answers for a person whom the provider vouches for; else 400 with what to do."""
    response = await _answered(request)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the code
    forget_browser(request, response)
    return response


async def _answered(request: Request) -> Response:
    gateway = gateway_of(request)
    try:
        answer = _read(request)
        async with gateway.pool.acquire() as connection:
            provider = await counting(connection, request.path_params["provider"])
            if provider is None:
                return not_offered(request)
            way = await come_back(request, connection, provider.id, answer.state)
            if way is None:
                raise _RefusedError("no way of this browser has this state", "over")
            client = await client_here(gateway, connection, provider)
        code = _code(answer, provider)
        metadata = ProviderMetadata.read(provider.metadata)
        given = await exchanged(metadata, client, code, way.code_verifier, gateway.settings.issuer)
        header = header_of(given.id_token, frozenset(metadata.algorithms))
        keys = _key_sets(request)
        key = await keys.key_for(metadata.jwks_uri, header, gateway.settings.issuer, gateway.now())
        expected = Expected(provider.issuer, provider.client_id, way.nonce, given.access_token, code)
        claims = verified_claims(given.id_token, header, key, expected, gateway.now().timestamp())
        subject = subject_of(claims)
        if subject is None:
            raise _RefusedError("its subject is none")
        if not is_of_tenant(provider.kind, provider.tenant, provider.confirmed_domains, claims):
            raise _RefusedError("the person is of another tenant or domain", "unknown")
    except (_RefusedError, BadIdTokenError, ExchangeError, OutgoingError) as error:
        page = error.page if isinstance(error, _RefusedError) else "technical"
        _log.warning("a district's answer wasn't taken", provider=_shown(request), why=str(error))
        return failed(request, page)
    return await arrive(request, Arrived(provider, way, subject, claims))


def failed(request: Request, why: str, onward: str = START) -> Response:
    status = 403 if why in ("unknown", "not-active") else 400
    return render(request, "signin/district_failed.html", {"why": why, "onward": onward}, status=status)


def _read(request: Request) -> _Answer:
    """Raises _RefusedError for a parameter that is there twice, or longer than any that there is."""
    found: dict[str, str] = {}
    for name in _NAMES:
        values = request.query_params.getlist(name)
        if len(values) > 1 or any(len(value) > _LONGEST for value in values):
            raise _RefusedError(f"the parameter {name} is there twice or too long")
        found[name] = values[0] if values else ""
    return _Answer(**found)


def _code(answer: _Answer, provider: ProviderRecord) -> str:
    """The code, once the answer is the asked provider's (RFC 9207 section 2.4). Raises _RefusedError."""
    needed = ProviderMetadata.read(provider.metadata).iss_in_answers
    if (needed or answer.iss) and answer.iss != provider.issuer:
        raise _RefusedError("the answer is another issuer's")
    if answer.error:
        raise _RefusedError("the provider answered with an error", "declined")
    if not answer.code:
        raise _RefusedError("the answer has no code")
    return answer.code


def _key_sets(request: Request) -> KeySets:
    """Those of this process."""
    return kept_in(request.app, "provider_keys", KeySets)


def _shown(request: Request) -> str:
    return str(request.path_params["provider"])[:40]
