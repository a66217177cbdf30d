"""`/signin/second-step/passkey`: the second step by a passkey, after a password or a district's provider."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.signin.assurance import AAL2
from gateway.signin.passkey_proof import Refusal, judge
from gateway.signin.passkeys import LIFE, new_challenge, options_response, refused
from gateway.signin.second_step import guessing_at, step_succeeded, to_sign_in
from gateway.signin.second_step_end import SignInOverError
from gateway.signin.second_step_pending import pending_of
from gateway.signin.sent_here import SentHere
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.ids import UserId
from resolvers.passkeys.authenticators import Site, request_options
from store.database import Connection
from store.passkey_ceremonies import Ceremony, Purpose, answered_ceremony, begin_ceremony
from store.passkeys import passkeys_of
from store.pending_sign_ins import Pending, Step

PATH: Final = "/signin/second-step/passkey"
OPTIONS_PATH: Final = "/signin/second-step/passkey/options"


async def options(request: Request) -> Response:
    """POST: her passkeys, as JSON for the page's script. The challenge is bound to the sign-in that waits."""
    await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        pending = await pending_of(request, connection)
        if pending is None or pending.step is not Step.SECOND_STEP:
            return too_late()
        now = gateway.now()
        new = Ceremony(Purpose.STEP, bound_to(pending), new_challenge(request), pending.user, now + LIFE)
        await begin_ceremony(connection, new, now)
        own = await passkeys_of(connection, pending.user)
    usable = [one for one in own if one.copied_at is None]
    return options_response(request_options(Site.of(gateway.settings.issuer), new.challenge, usable))


async def take(request: Request) -> Response:
    """POST: 303 onward in a session; a page that says why not (401), 429 for too many answers."""
    form = await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        pending = await guessing_at(request, connection, Step.SECOND_STEP)
        if isinstance(pending, Response):
            return pending
        ceremony = await answered_ceremony(connection, Purpose.STEP, bound_to(pending), gateway.now())

    async def proved(connection: Connection, user: UserId, amr: tuple[str, ...]) -> Response:
        del user  # the ceremony's, which is the pending sign-in's
        return await step_succeeded(request, connection, pending, *amr)

    try:
        outcome = await judge(request, ceremony, str(form.get("credential") or ""), proved)
    except SignInOverError:
        return to_sign_in(request)
    acr = AAL2 if pending.wanted or pending.session else ""
    sent = SentHere(pending.onward, acr)
    return refused(request, outcome, sent) if isinstance(outcome, Refusal) else outcome


def bound_to(pending: Pending) -> bytes:
    """What its challenges are bound to."""
    return token_hash(f"pending sign-in {pending.id}")


def too_late() -> Response:
    """409 for the page's script: the sign-in is over."""
    sentence = b'{"error":"This sign-in is over. Begin again from the sign-in page."}'
    return Response(sentence, status_code=409, media_type="application/json")
