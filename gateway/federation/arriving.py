"""What follows once a provider has vouched for a subject: a session of whom it is linked to, a link, an acceptance."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.federation.freshness import fresh_time, known_time, said_time
from gateway.observation import request_id_of
from gateway.oidc.authorization.sent_back import sent_back
from gateway.oidc.errors import LoginRequiredError
from gateway.pages import render
from gateway.signin.assurance import FEDERATED, Proof
from gateway.signin.next_path import START
from gateway.signin.open_links import open_link_by_hash
from gateway.signin.proof import after_proof
from gateway.signin.sent_here import SentHere
from gateway.signin.sessions import session_of
from gateway.signin.sign_in import NOT_FRESH
from gateway.signin.sign_in import PATH as SIGN_IN
from gateway.state import gateway_of
from policy.accounts import AccountAction, allows
from policy.facts import UserStatus
from policy.federation import address_of
from policy.ids import UserId
from store.access_version import raise_versions
from store.account_links import LinkPurpose, consume_link
from store.audit import AuditEvent, record
from store.database import Connection
from store.identity_links import (
    Linked,
    NewLink,
    Purpose,
    Started,
    accept_by_provider,
    insert_identity_link,
    linked_user,
    signed_in_by,
)
from store.identity_providers import ProviderRecord, hold_provider
from store.keys_of import email_key
from store.outbox import MailOrder, queue_mail

LINKED_MAIL = "identity-linked"
_ELSEWHERE = "This sign-in of your district is linked to an account already, or your account to another one of it."
_NO_ADDRESS = "Your district's sign-in names no address of the district for you. Ask its technician."
_THROUGH_DISTRICT = "A session that came through a district's sign-in links nothing: sign in with your password first."
_OVER = "The session in which you began is over. Sign in and begin again on the page of your account."


class _TakenError(Exception):
    """Somebody else linked the subject at this very moment: nothing of the acceptance is kept."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A subject, vouched for by a provider that counts, on the way on which this browser set out."""

    provider: ProviderRecord
    way: Started
    subject: str
    claims: Mapping[str, Any] = field(repr=False)


async def arrive(request: Request, arrived: Arrived) -> Response:
    """303 onward, or a page that says what to do."""
    gateway = gateway_of(request)
    try:
        async with gateway.pool.acquire() as connection, connection.transaction():
            if not await hold_provider(connection, arrived.provider.id, arrived.provider.version):
                return _page(request, "not-offered", 404)
            return await _BY_PURPOSE[arrived.way.purpose](request, connection, arrived)
    except _TakenError:
        return _not_linked(request, _ELSEWHERE)


async def _sign_in(request: Request, connection: Connection, arrived: Arrived) -> Response:
    """By (issuer, subject) alone. Whoever isn't linked reads the same, with whatever address."""
    provider, now = arrived.provider, gateway_of(request).now()
    linked = await linked_user(connection, provider.id, provider.issuer, arrived.subject)
    if linked is None:
        return _page(request, "unknown", 403)
    if not allows(linked.status, AccountAction.SIGN_IN):
        return _page(request, "not-active", 403)
    said, fresh_after = said_time(arrived.claims, now), arrived.way.fresh_after
    proved_at = known_time(said, linked.linked_at) if fresh_after is None else fresh_time(said, fresh_after)
    if proved_at is None:
        return await _not_fresh(request, connection, arrived.way, linked)
    if not await signed_in_by(connection, linked.user, linked.link, now):
        return _page(request, "not-active", 403)
    return await after_proof(request, connection, _proof(arrived, linked.user, proved_at), arrived.way.onward)


async def _not_fresh(request: Request, connection: Connection, way: Started, linked: Linked) -> Response:
    """A new sign-in is asked for and the provider doesn't say that there was one: her password is, if she has one."""
    if not linked.has_password:
        error = LoginRequiredError("The district's provider did not say that the person has signed in anew.")
        return await sent_back(request, connection, way.onward, error)
    address = SentHere(way.onward, way.acr).address(SIGN_IN)
    return RedirectResponse(f"{address}&{urlencode({'why': NOT_FRESH})}", status_code=303)


async def _link(request: Request, connection: Connection, arrived: Arrived) -> Response:
    """The person of the session in which the way was begun, if that session is this browser's still."""
    session = await session_of(request, connection)
    if session is None or session.id != arrived.way.session or session.standing.status is not UserStatus.ACTIVE:
        return _not_linked(request, _OVER)
    if session.provider is not None:
        return _not_linked(request, _THROUGH_DISTRICT)
    user = session.standing.user
    fault = await _linked(request, connection, arrived, user)
    if fault:
        return _not_linked(request, fault)
    return RedirectResponse("/account#district", status_code=303)


async def _accept(request: Request, connection: Connection, arrived: Arrived) -> Response:
    """The invitation's person, who has its link in hand. She sets no password; a reset gives her one."""
    now = gateway_of(request).now()
    token = arrived.way.invitation or b""
    link = await open_link_by_hash(request, connection, token, (LinkPurpose.INVITATION,))
    if link is None or not allows(link.status, AccountAction.ACCEPT_INVITATION):
        return render(request, "signin/invitation_gone.html", {}, status=410)
    if await linked_user(connection, arrived.provider.id, arrived.provider.issuer, arrived.subject) is not None:
        return _not_linked(request, _ELSEWHERE)
    if not _has_address(arrived):
        return _not_linked(request, _NO_ADDRESS)
    if await consume_link(connection, token, now) is None or not await accept_by_provider(connection, link.user, now):
        return render(request, "signin/invitation_gone.html", {}, status=410)
    fault = await _linked(request, connection, arrived, link.user)
    if fault:
        raise _TakenError
    request_id = request_id_of(request.scope) or None
    await record(
        connection, AuditEvent("acceptInvitation", "user", str(link.user), actor=link.user, request_id=request_id)
    )  # fmt: skip
    response = await after_proof(request, connection, _proof(arrived, link.user, now, by_mail=True), START)
    await raise_versions(connection, (link.user,))
    return response


async def _linked(request: Request, connection: Connection, arrived: Arrived, user: UserId) -> str:
    """Makes the link, with its audit event and the mail that tells of it; else why not, as a sentence."""
    gateway, provider = gateway_of(request), arrived.provider
    if not _has_address(arrived):
        return _NO_ADDRESS
    new = NewLink(gateway.new_id(), provider.id, provider.issuer, arrived.subject, user, gateway.now())
    if not await insert_identity_link(connection, new):
        return _ELSEWHERE
    request_id = request_id_of(request.scope) or None
    after = {"provider": str(provider.id), "link": str(new.id)}
    event = AuditEvent("linkIdentity", "user", str(user), actor=user, after=after, request_id=request_id)
    await record(connection, event)
    order = MailOrder(LINKED_MAIL, user, {"organization": provider.organization_id}, request_id=request_id)
    await queue_mail(connection, gateway.new_id(), order)
    return ""


def _has_address(arrived: Arrived) -> bool:
    """Whether the provider vouches for an address of the LEA's domains. Whose it is here isn't asked."""
    address = address_of(arrived.provider.kind, arrived.claims)
    domain = email_key(address).rpartition("@")[2] if address else ""
    return domain in arrived.provider.confirmed_domains


def _proof(arrived: Arrived, user: UserId, at: datetime, *, by_mail: bool = False) -> Proof:
    lea, provider = arrived.provider.organization_id, arrived.provider.id
    return Proof(user, (FEDERATED,), lea=lea, provider=provider, by_mail=by_mail, at=at)


def _not_linked(request: Request, sentence: str) -> Response:
    context = {"why": "not-linked", "sentence": sentence, "onward": START}
    return render(request, "signin/district_failed.html", context, status=409)


def _page(request: Request, why: str, status: int) -> Response:
    return render(request, "signin/district_failed.html", {"why": why, "onward": START}, status=status)


_BY_PURPOSE: Final[Mapping[Purpose, Callable[[Request, Connection, Arrived], Awaitable[Response]]]] = {
    Purpose.SIGN_IN: _sign_in,
    Purpose.LINK: _link,
    Purpose.INVITATION: _accept,
}
