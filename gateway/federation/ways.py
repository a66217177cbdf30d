"""A way to a provider and back: set out on with state, nonce and PKCE bound to one browser, come back from once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.cookies import Cookie, clear_cookie, read_cookie, set_cookie
from gateway.federation.discovery import ProviderMetadata
from gateway.federation.exchange import ClientHere, authorization_address, challenge_of
from gateway.oidc.authorization.sign_in_stamp import stamp_in
from gateway.oidc.keys.sealing import seal, unseal
from gateway.secret_key import subkey
from gateway.signin.next_path import START
from gateway.signin.sent_here import SentHere
from gateway.signin.sessions import token_hash
from gateway.state import Gateway, gateway_of
from policy.federation import KINDS, KindTerms, Knows
from store.database import Connection
from store.identity_links import Purpose, Started, begin_identity_sign_in, take_identity_sign_in
from store.identity_providers import ProviderRecord, sealed_secret

CALLBACK: Final = "/signin/callback"
LIFE: Final = timedelta(minutes=10)
_LONGEST: Final = 100
_ANY_AGE: Final = 30 * 86_400
"""Seconds: asked for where nobody asks for less, because providers then say when the last sign-in was."""
_OLDEST: Final = 100 * 366 * 86_400
_WHEN: Final = '{"id_token":{"auth_time":{"essential":true}}}'


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the way is for. `session`: in which a link is to be made; `invitation`: the hash of its token."""

    purpose: Purpose = Purpose.SIGN_IN
    onward: str = START
    session: UUID | None = None
    invitation: bytes | None = None
    acr: str = ""
    login_hint: str = ""
    ui_locales: str = ""
    max_age: int | None = None
    """How many seconds ago at most the person may have proved who she is; None: any."""
    chooses: bool = False
    """She is to say who she is, as somebody else than this browser's person is expected."""

    @staticmethod
    def to_sign_in(gateway: Gateway, sent: SentHere) -> "Wanted":
        """How new the proof must be is what our authorization endpoint wrote, whatever else the address says."""
        stamp = stamp_in(gateway, sent.next)
        return Wanted(
            onward=sent.next, acr=sent.acr, login_hint=sent.email, ui_locales=sent.ui_locales,
            max_age=stamp.max_age if stamp else None, chooses=stamp is not None and stamp.chooses,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """Where the browser goes, and what it keeps until it is back."""

    address: str
    browser: str


async def set_out(request: Request, connection: Connection, provider: ProviderRecord, wanted: Wanted) -> Way:
    """A new way, and the authorization request (OpenID Connect Core 3.1.2.1). Give its cookie with the answer."""
    gateway = gateway_of(request)
    now = gateway.now()
    state, nonce, verifier = gateway.new_token(), gateway.new_token(), gateway.new_token()
    browser = _browser(request) or gateway.new_token()
    started = Started(
        wanted.purpose, nonce, verifier, wanted.onward, now + LIFE, wanted.session, wanted.invitation,
        _fresh_after(wanted, now), wanted.acr,
    )  # fmt: skip
    await begin_identity_sign_in(connection, token_hash(state), token_hash(browser), provider.id, started, now)
    terms = KINDS[provider.kind]
    parameters = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri(gateway, provider.id),
        "scope": " ".join(terms.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    parameters |= _asked_besides(terms, wanted)
    if terms.domain_claim and len(provider.confirmed_domains) == 1:
        parameters[terms.domain_claim] = provider.confirmed_domains[0]
    return Way(authorization_address(ProviderMetadata.read(provider.metadata), parameters), browser)


def _asked_besides(terms: KindTerms, wanted: Wanted) -> dict[str, str]:
    """Of Core 3.1.2.1, as far as the kind knows it: a new sign-in, when the last one was, whom and which languages."""
    again = wanted.max_age == 0
    asks_who = wanted.chooses or wanted.purpose is not Purpose.SIGN_IN
    prompt = (terms.signs_in_again if again else "") or (terms.asks_who if asks_who or again else "")
    age = _ANY_AGE if wanted.max_age is None else min(wanted.max_age, _ANY_AGE)
    values = {
        Knows.MAX_AGE: str(age), Knows.CLAIMS: _WHEN, Knows.LOGIN_HINT: wanted.login_hint,
        Knows.UI_LOCALES: wanted.ui_locales,
    }  # fmt: skip
    asked = {name.value: value for name, value in values.items() if name in terms.knows and value}
    return {"prompt": prompt, **asked} if prompt else asked


def _fresh_after(wanted: Wanted, now: datetime) -> datetime | None:
    if wanted.max_age is None:
        return None
    return now - timedelta(seconds=min(wanted.max_age, _OLDEST))


async def come_back(request: Request, connection: Connection, provider: UUID, state: str) -> Started | None:
    """The way that this browser set out on with this state, used up; None: there is none, or it took too long."""
    browser = _browser(request)
    if browser is None or not 0 < len(state) <= _LONGEST:
        return None
    found = await take_identity_sign_in(connection, token_hash(state), token_hash(browser), provider)
    return found if found is not None and gateway_of(request).now() < found.expires_at else None


def give_browser(request: Request, response: Response, way: Way) -> None:
    settings = gateway_of(request).settings
    set_cookie(response, settings, Cookie.DISTRICT, way.browser, max_age=int(LIFE.total_seconds()))


def forget_browser(request: Request, response: Response) -> None:
    clear_cookie(response, gateway_of(request).settings, Cookie.DISTRICT)


def redirect_uri(gateway: Gateway, provider: UUID) -> str:
    """The address that the district registers at its provider."""
    return f"{gateway.settings.issuer}{CALLBACK}/{provider}"


async def client_here(gateway: Gateway, connection: Connection, provider: ProviderRecord) -> ClientHere:
    sealed = await sealed_secret(connection, provider.id)
    secret = unseal(_key(gateway.secret_key), sealed, _name(provider.id)).decode()
    return ClientHere(provider.client_id, secret, redirect_uri(gateway, provider.id))


def sealed_client_secret(secret_key: bytes, provider: UUID, secret: str) -> bytes:
    """The secret as it is kept."""
    return seal(_key(secret_key), secret.encode(), _name(provider))


def _key(secret_key: bytes) -> bytes:
    return subkey(secret_key, "identity-providers")


def _name(provider: UUID) -> str:
    return f"client secret of identity provider {provider}"


def _browser(request: Request) -> str | None:
    found = read_cookie(request, gateway_of(request).settings, Cookie.DISTRICT)
    return found if found is not None and len(found) <= _LONGEST else None
