"""`/account/password`: a signed-in person changes the password with the present one; every other session ends."""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.assurance import AAL2
from gateway.signin.brake import Brake, sentence_of
from gateway.signin.choosing import Chosen, fault_of, new_hash, profile_at
from gateway.signin.password_minimum import profile_for
from gateway.signin.password_profiles import PasswordProfile
from gateway.signin.passwords import check_password
from gateway.signin.proof import Proof, open_session
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from policy.accounts import AccountAction, allows
from store.account_links import close_links
from store.audit import AuditEvent, record
from store.factors import has_factor
from store.outbox import MailOrder, queue_mail
from store.passwords import PasswordOwner, password_owner, set_password
from store.sessions import finish_everything
from store.sign_in import standing_of_person

PATH: Final = "/account/password"
WELL_KNOWN: Final = "/.well-known/change-password"
_WRONG: Final = "This isn't your present password. Type it again, or ask for a reset."


async def well_known(request: Request) -> Response:
    """W3C "A Well-Known URL for Changing Passwords": the way to the form."""
    del request
    return RedirectResponse(PATH, status_code=302)


async def password_page(request: Request) -> Response:
    """GET: the form; for somebody who isn't signed in the way to sign in."""
    found = await _owner(request)
    if isinstance(found, Response):
        return found
    async with gateway_of(request).pool.acquire() as connection:
        profile = await profile_for(request, connection, found[0].user)
    return _form(request, found[0], profile)


async def change_password(request: Request) -> Response:
    """POST: 303 to the account page under a new session; 422 with the reason, 429 for too many wrong guesses."""
    form = await checked_form(request)
    present, password, again = (str(form.get(name) or "") for name in ("present", "password", "again"))
    found = await _owner(request)
    if isinstance(found, Response):
        return found
    owner, proof = found
    gateway, brake = gateway_of(request), Brake.of_own_password(owner.user)
    async with gateway.pool.acquire() as connection:
        refused = await brake.take(request, connection)
        profile = await profile_for(request, connection, owner.user)
    if refused is not None:
        return _form(request, owner, profile, sentence_of(refused), status=429)
    if not (await check_password(gateway.hashing, present, owner.password_hash)).right:
        return _form(request, owner, profile, _WRONG, status=422)
    async with gateway.pool.acquire() as connection:
        await brake.succeeded(request, connection)
    about = (owner.first_name, owner.last_name, owner.email)
    chosen = Chosen(owner.user, password, again, about, profile, owner.password_hash)
    fault = await fault_of(request, chosen)
    if fault is None and password == present:
        fault = "This is your present password. Choose one that is new."
    if fault is not None:
        return _form(request, owner, profile, fault, status=422)
    changed = await _change(request, owner, proof, await new_hash(request, chosen))
    return changed or _form(request, owner, profile, _WRONG, status=422)


async def _change(request: Request, owner: PasswordOwner, proof: Proof, hashed: str) -> Response | None:
    """303 under a new session, as sure and as old as the one before: the present password alone is no second step.

    None: the password or the account changed at this moment.
    """
    gateway, request_id = gateway_of(request), request_id_of(request.scope) or None
    now, keep = gateway.now(), profile_at(request).remembered
    async with gateway.pool.acquire() as connection, connection.transaction():
        done = await set_password(connection, owner.user, hashed, now, keep=keep, instead_of=owner.password_hash)
        if not done:
            return None
        await close_links(connection, owner.user, now)
        await finish_everything(connection, owner.user, now, "password")
        await queue_mail(connection, gateway.new_id(), MailOrder("password-changed", owner.user, request_id=request_id))
        event = AuditEvent("changePassword", "user", str(owner.user), actor=owner.user, request_id=request_id)
        await record(connection, event)
        standing = await standing_of_person(connection, owner.user)
        return None if standing is None else await open_session(request, connection, proof, "/account", standing)


async def _owner(request: Request) -> tuple[PasswordOwner, Proof] | Response:
    """Whose password it is, and what she has proved in this session; else the way to prove what is missing.

    A session from before her factor was set up changes nothing: whoever began it may know the password alone.
    """
    async with gateway_of(request).pool.acquire() as connection:
        session = await session_of(request, connection)
        if session is None or not allows(session.standing.status, AccountAction.CHANGE_OWN):
            return _to_sign_in()
        user = session.standing.user
        if session.acr != AAL2 and await has_factor(connection, user):
            return _to_sign_in(acr=AAL2)
        owner = await password_owner(connection, user)
    proved = Proof(
        user, session.amr, session.standing.lea, session.provider, at=session.auth_time, until=session.expires_at
    )
    return (owner, proved) if owner else _to_sign_in()


def _form(
    request: Request, owner: PasswordOwner, profile: PasswordProfile, fault: str = "", *, status: int = 200
) -> Response:
    context = {"email": owner.email, "error": fault, "profile": profile}
    return render(request, "signin/own_password.html", context, status=status)


def _to_sign_in(**asked: str) -> Response:
    return RedirectResponse("/signin?" + urlencode({"next": PATH} | asked), status_code=303)
