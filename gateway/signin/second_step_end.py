"""The end of every sign-in: the second step is proved, what is due is done, and a session begins or grows stronger."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.signin.account_addresses import CHOOSE_PATH, LIFE
from gateway.signin.assurance import Proof
from gateway.signin.devices import give_device_cookie, remember
from gateway.signin.first_session import first_role, must_have_at
from gateway.signin.lost_factors import stop_lost_factors
from gateway.signin.password_minimum import may_be_short
from gateway.signin.second_step_pending import enough_alone, forget_pending, proof_of
from gateway.signin.sessions import begin_session, give_cookie, token_hash, unended_session
from gateway.state import gateway_of
from store.account_links import LinkPurpose, insert_link
from store.database import Connection
from store.pending_sign_ins import Pending, use_up_pending
from store.sessions import Strengthened, strengthen_session
from store.sign_in import held_standing
from store.standing import Standing


class SignInOverError(Exception):
    """Another request was faster, or the sign-in was ended meanwhile: whatever was used up for it is rolled back."""


async def finish_step(request: Request, connection: Connection, pending: Pending, *amr: str) -> Response:
    """303 onward, once the pending sign-in's second step was proved; in the transaction that used the factor up.

    `amr`: what it was (RFC 8176); none for a code by e-mail, which makes nothing surer. Raises SignInOverError.
    """
    standing = await held_standing(connection, pending.user)
    if standing is None or not await use_up_pending(connection, pending.id):
        raise SignInOverError
    if amr:
        await stop_lost_factors(gateway_of(request), connection, pending.user, how="factor")
    proof = proof_of(pending, *amr)
    if pending.session is not None:
        whole = enough_alone(pending, *amr)
        response = await _strengthen(request, connection, pending, proof, whole=whole)
    else:
        response = await enter(request, connection, proof, pending.onward, standing)
    forget_pending(request, response)
    return response


async def enter(request: Request, connection: Connection, proof: Proof, onward: str, standing: Standing) -> Response:
    """303 onward with a new session; or to a new password, where the old one isn't good any more."""
    if await _password_is_due(request, connection, proof, standing):
        return await _to_a_new_password(request, connection, proof)
    device = await remember(request, connection, proof.user)
    response = await open_session(request, connection, proof, onward, standing)
    give_device_cookie(request, response, device)
    return response


async def open_session(
    request: Request, connection: Connection, proof: Proof, onward: str, standing: Standing
) -> Response:
    """303 to `onward` with the cookie of a session under a new id, as sure as the proof."""
    token = await begin_session(request, connection, proof, await first_role(request, connection, proof, standing))
    response = RedirectResponse(onward, status_code=303)
    give_cookie(request, response, token)
    return response


async def _strengthen(
    request: Request, connection: Connection, pending: Pending, proof: Proof, *, whole: bool
) -> Response:
    """The session that she had goes on under a new id; a session of this browser that isn't it gets nothing.

    What she proved before becomes no fresher by a second factor, unless that is a `whole` proof by itself.
    """
    gateway = gateway_of(request)
    present, token, now = await unended_session(request, connection), gateway.new_token(), gateway.now()
    auth_time = now if whole else None
    stronger = Strengthened(token_hash(token), proof.acr, proof.amr, now, auth_time)
    done = (
        present is not None
        and present.id == pending.session
        and present.standing.user == proof.user
        and await strengthen_session(connection, present.id, stronger)
    )
    response = RedirectResponse(pending.onward if done else "/signin", status_code=303)
    if done:
        give_cookie(request, response, token)
    return response


async def _password_is_due(request: Request, connection: Connection, proof: Proof, standing: Standing) -> bool:
    if proof.old_password:
        return True
    if not proof.short_password:
        return False
    mandatory = await must_have_at(request, connection, standing)
    return not await may_be_short(connection, proof.user, mandatory=mandatory)


async def _to_a_new_password(request: Request, connection: Connection, proof: Proof) -> Response:
    """Whoever has proved all that is asked of her may choose the next password, by a link as a reset's."""
    gateway = gateway_of(request)
    token, now = gateway.new_token(), gateway.now()
    purpose = LinkPurpose.RESET
    await insert_link(
        connection, token_hash(token), proof.user, purpose=purpose, now=now, expires_at=now + LIFE[purpose]
    )
    return RedirectResponse(f"{CHOOSE_PATH}?token={token}", status_code=303)
