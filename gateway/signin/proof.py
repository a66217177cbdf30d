"""What follows once a person has proved something: a session, or what else is asked of her first."""

from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access_cache import today_of
from gateway.signin.active_role import first_role
from gateway.signin.assurance import Proof
from gateway.signin.sessions import begin_session, give_cookie
from gateway.state import Gateway, gateway_of
from policy.grant import Access, ActiveRole
from policy.grants import access_of
from policy.second_step import in_session, lacks_level
from policy.session_limits import inside_lea
from store.database import Connection
from store.people import load_person, load_years

__all__ = ["Proof", "after_proof", "open_session"]


async def after_proof(request: Request, connection: Connection, proof: Proof, onward: str) -> Response:
    """303 to `onward` with a new session, or to the page of what she has to do first.

    Call it in the transaction of the proof, which has locked the person's row and found her account active.
    `onward` is a path of ours (`gateway.signin.next_path`).
    """
    return await open_session(request, connection, proof, onward)


async def open_session(request: Request, connection: Connection, proof: Proof, onward: str) -> Response:
    """303 to `onward` with the cookie of a session under a new id, as sure as the proof."""
    token = await begin_session(request, connection, proof, await _first_role(request, connection, proof))
    response = RedirectResponse(onward, status_code=303)
    give_cookie(request, response, token)
    return response


async def _first_role(request: Request, connection: Connection, proof: Proof) -> ActiveRole | None:
    """The role that the new session begins with: one that counts in it."""
    gateway = gateway_of(request)
    access = await _access(gateway, connection, proof, today_of(gateway.settings, gateway.now()))
    return None if access is None else first_role(access, gateway.packs.current)


async def _access(gateway: Gateway, connection: Connection, proof: Proof, today: date) -> Access | None:
    loaded = await load_person(connection, proof.user)
    if loaded is None:
        return None
    missing = lacks_level(proof.acr, required=gateway.settings.second_step_required)
    person = in_session(loaded.person, missing=missing)
    return inside_lea(access_of(person, gateway.packs.current, await load_years(connection), today), proof.lea)
