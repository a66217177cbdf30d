"""`/signin/passkey`: signing in with a passkey alone; it names its person and has verified her."""

from datetime import timedelta
from hashlib import sha256
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.cookies import Cookie, clear_cookie, read_cookie, set_cookie
from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.assurance import Proof, with_factor
from gateway.signin.lost_factors import stop_lost_factors
from gateway.signin.passkey_proof import Refusal, judge
from gateway.signin.proof import after_proof
from gateway.signin.sent_here import SentHere
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.ids import UserId
from resolvers.passkeys.authenticators import Site, request_options
from store.database import Connection
from store.passkey_ceremonies import Ceremony, Purpose, answered_ceremony, begin_ceremony

PATH: Final = "/signin/passkey"
OPTIONS_PATH: Final = "/signin/passkey/options"
LIFE: Final = timedelta(minutes=5)
"""Of a challenge."""
_LONGEST_COOKIE: Final = 100
_STATUS: Final = {Refusal.NOT_ACTIVE: 403}


async def options(request: Request) -> Response:
    """POST: what the page is to ask the browser for, as JSON; the challenge is bound to this browser by a cookie."""
    await checked_form(request)
    gateway = gateway_of(request)
    now, token = gateway.now(), gateway.new_token()
    new = Ceremony(Purpose.ENTER, token_hash(token), new_challenge(request), None, now + LIFE)
    async with gateway.pool.acquire() as connection:
        await begin_ceremony(connection, new, now)
    response = options_response(request_options(Site.of(gateway.settings.issuer), new.challenge))
    set_cookie(response, gateway.settings, Cookie.PASSKEY, token, int(LIFE.total_seconds()))
    return response


async def enter(request: Request) -> Response:
    """POST: 303 to `next` in a session of its own, or a page that says why not (401, 403)."""
    form = await checked_form(request)
    sent = SentHere.read(form)
    gateway = gateway_of(request)
    cookie = read_cookie(request, gateway.settings, Cookie.PASSKEY) or ""
    async with gateway.pool.acquire() as connection:
        bound = token_hash(cookie[:_LONGEST_COOKIE])
        ceremony = await answered_ceremony(connection, Purpose.ENTER, bound, gateway.now())

    async def proved(connection: Connection, user: UserId, amr: tuple[str, ...]) -> Response:
        await stop_lost_factors(
            gateway, connection, user, how="factor", request_id=request_id_of(request.scope) or None
        )
        return await after_proof(request, connection, Proof(user, with_factor(amr)), sent.next)

    outcome = await judge(request, ceremony, str(form.get("credential") or ""), proved)
    response = refused(request, outcome, sent) if isinstance(outcome, Refusal) else outcome
    clear_cookie(response, gateway.settings, Cookie.PASSKEY)
    return response


def refused(request: Request, why: Refusal, sent: SentHere) -> Response:
    """The page that says why, and leads back to signing in."""
    context = {"why": why.value, "sign_in": sent.address("/signin")}
    return render(request, "signin/passkey_refused.html", context, status=_STATUS.get(why, 401))


def new_challenge(request: Request) -> bytes:
    """32 random bytes."""
    return sha256(gateway_of(request).new_token().encode()).digest()


def options_response(options: object) -> Response:
    """What `static/passkeys.js` hands to the browser."""
    return Response(orjson.dumps({"publicKey": options}), media_type="application/json")
