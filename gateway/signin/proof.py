"""What follows once a person has proved something: a session, or what else is asked of her first."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.assurance import AAL2, FEDERATED, Proof
from gateway.signin.devices import device_of
from gateway.signin.email_code import can_be_mailed, send_code
from gateway.signin.first_session import must_have_at
from gateway.signin.second_step_end import enter, open_session
from gateway.signin.second_step_pending import wait_for
from gateway.state import gateway_of
from policy.managing import RECENT
from store.database import Connection
from store.factors import has_factor
from store.pending_sign_ins import Step
from store.sessions import Session
from store.sign_in import held_standing
from store.standing import Standing

__all__ = ["Proof", "after_proof", "open_session", "stronger"]

_NOT_ACTIVE: Final = "Your account is not active at the moment. Ask your coordinator, or the help desk."


async def after_proof(
    request: Request,
    connection: Connection,
    proof: Proof,
    onward: str,
    *,
    second_step: bool = False,
    standing: Standing | None = None,
) -> Response:
    """303 to `onward` with a new session, or to the page of what she has to do first; 403 for an account out of use.

    Call it in the transaction of the proof: what it used up (a link, a challenge) goes with what it gave. Password,
    passkey and district's provider all end here. `onward` is a path of ours (`gateway.signin.next_path`);
    `second_step`: whoever sent her here asks for one, whatever her roles; `standing`: hers, where this transaction
    holds her account already and knows it to be active.
    """
    standing = standing or await held_standing(connection, proof.user)
    if standing is None:
        return render(request, "signin/refused.html", {"sentence": _NOT_ACTIVE}, status=403)
    if proof.acr == AAL2:
        return await enter(request, connection, proof, onward, standing)
    if await has_factor(connection, proof.user):
        return (await wait_for(request, connection, proof, Step.SECOND_STEP, onward))[1]
    if await _needs_code(request, connection, proof):  # also before a factor is set up: the password may be stolen
        pending, response = await wait_for(request, connection, proof, Step.CODE, onward, wanted=second_step)
        await send_code(gateway_of(request), connection, pending, proof.user, request_id_of(request.scope))
        return response
    # by a factor set up here, whoever runs a district's provider would come to open the whole account
    if proof.provider is None and (second_step or await must_have_at(request, connection, standing)):
        return (await wait_for(request, connection, proof, Step.SET_UP, onward))[1]
    return await enter(request, connection, proof, onward, standing)


async def stronger(request: Request, connection: Connection, session: Session, onward: str) -> Response | None:
    """303 to the second step alone, in a session that had none; its person has a factor, or proved herself just now.

    None: she has to sign in, as nobody may set a factor up in a session that was left open.
    """
    now, proof = gateway_of(request).now(), _proof_of(session)
    if await has_factor(connection, proof.user):
        step = Step.SECOND_STEP
    elif (
        session.provider is None
        and now - session.auth_time <= RECENT
        and not await _needs_code(request, connection, proof)
    ):
        step = Step.SET_UP
    else:
        return None
    return (await wait_for(request, connection, proof, step, onward, session=session.id))[1]


def _proof_of(session: Session) -> Proof:
    return Proof(session.standing.user, session.amr, session.standing.lea, session.provider)


async def _needs_code(request: Request, connection: Connection, proof: Proof) -> bool:
    """Whether the browser is one that the person hasn't used; her district's provider looks after that itself."""
    settings = gateway_of(request).settings
    if not settings.new_device_code or not can_be_mailed(settings) or proof.by_mail or FEDERATED in proof.amr:
        return False
    return await device_of(request, connection, proof.user) is None
