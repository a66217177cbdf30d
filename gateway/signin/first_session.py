"""What a person's facts say as she signs in: the role that her session begins with, and whether she must do more."""

from starlette.requests import Request

from gateway.access_cache import today_of
from gateway.signin import active_role
from gateway.signin.assurance import Proof
from gateway.state import gateway_of
from policy.grant import ActiveRole
from policy.grants import access_of
from policy.ids import UserId
from policy.second_step import in_session, lacks_level, must_have_second_step
from policy.session_limits import inside_lea
from store.database import Connection
from store.people import load_person, load_years


async def first_role(request: Request, connection: Connection, proof: Proof) -> ActiveRole | None:
    """The role that the new session begins with: one that counts in it."""
    gateway = gateway_of(request)
    loaded = await load_person(connection, proof.user)
    if loaded is None:
        return None
    packs, years = gateway.packs.current, await load_years(connection)
    missing = lacks_level(proof.acr, required=gateway.settings.second_step_required)
    today = today_of(gateway.settings, gateway.now())
    access = access_of(in_session(loaded.person, missing=missing), packs, years, today)
    return active_role.first_role(inside_lea(access, proof.lea), packs)


async def must_have(request: Request, connection: Connection, user: UserId) -> bool:
    """Whether a role of hers asks for a second step, and this deployment holds roles to it."""
    gateway = gateway_of(request)
    if not gateway.settings.second_step_required:
        return False
    loaded = await load_person(connection, user)
    if loaded is None:
        return True
    today, years = today_of(gateway.settings, gateway.now()), await load_years(connection)
    return must_have_second_step(loaded.person, gateway.packs.current, years, today)
