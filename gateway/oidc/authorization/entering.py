"""Lets a person into a relying party: her consent where that is needed, and the authorization with its code."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request

from gateway.oidc.authorization.entitlement import Entitlement
from gateway.oidc.authorization.request import AuthorizationRequest
from gateway.oidc.consent.covering import Asks, asks, is_given, shown_digest, wanted_terms
from gateway.oidc.errors import ConsentRequiredError, InvalidRequestURIError, LoginRequiredError
from gateway.oidc.resource.changed_access import keep_told
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.consent import Terms
from policy.ids import OrganizationId
from store.audit import AuditEvent, record
from store.authorizations import Authorization, Code, insert_authorization
from store.consents import give_consent, given_terms
from store.database import Connection
from store.launches import Launch, use_launch
from store.pushed_requests import use_pushed_request
from store.sessions import Session

CODE_LIFE: Final = timedelta(seconds=60)
AUTHORIZATION_LIFE: Final = timedelta(days=30)
"""The absolute end of its refresh tokens."""


@dataclass(frozen=True, slots=True)
class Entering:
    """Who enters where, and as what.

    `place`: the organization to which her role is narrowed; `launch`: where she came from; `allowed`: what she was
    shown and has just allowed (`gateway.oidc.consent.covering.shown_digest`).
    """

    asked: AuthorizationRequest
    session: Session
    entitled: Entitlement
    place: OrganizationId | None = None
    launch: Launch | None = None
    allowed: bytes | None = None

    @property
    def terms(self) -> Terms:
        return wanted_terms(self.asked, self.entitled, self.place)

    @property
    def shown(self) -> bytes:
        """What the consent page would tell now."""
        return shown_digest(self.asked, self.entitled, self.terms)


async def enter(request: Request, connection: Connection, entering: Entering) -> str | None:
    """The code; None: the person has to be asked first.

    Raises ConsentRequiredError where she mustn't be (prompt=none), LoginRequiredError if the session ended meanwhile.
    """
    async with connection.transaction():
        if not await _consents(request, connection, entering):
            if "none" in entering.asked.prompts:
                raise ConsentRequiredError("The person has to consent.")
            return None
        if entering.launch is not None:
            await use_launch(connection, entering.launch)
        return await _keep(request, connection, entering)


async def _consents(request: Request, connection: Connection, entering: Entering) -> bool:
    """What she has just allowed is kept; what she allowed before can't be withdrawn until this transaction is over."""
    client, user, gateway = entering.asked.client, entering.session.standing.user, gateway_of(request)
    how_often = asks(client, entering.asked.redirect_uri, entering.asked.prompts)
    if how_often is Asks.NEVER:
        return True
    if entering.allowed is not None and entering.allowed == entering.shown:
        consent = await give_consent(
            connection, gateway.new_id(), user, client.client_id, entering.terms, gateway.now()
        )
        await record(connection, _event(entering, str(consent)))
        return True
    return how_often is Asks.ONCE and is_given(await given_terms(connection, user, client.client_id), entering.terms)


def _event(entering: Entering, consent: str) -> AuditEvent:
    user, client = entering.session.standing.user, entering.asked.client
    role = entering.entitled.active
    after = {"user": str(user), "client": client.client_id, "scopes": sorted(entering.asked.scope)}
    acting = None if role is None else f"{role.program}/{role.role}"
    return AuditEvent("giveConsent", "consent", consent, actor=user, acting_under=acting, after=after)


async def _keep(request: Request, connection: Connection, entering: Entering) -> str:
    """Store the authorization with its code; the code. Raises LoginRequiredError if the session ended meanwhile."""
    gateway, asked, session = gateway_of(request), entering.asked, entering.session
    now, code = gateway.now(), gateway.new_token()
    root = Authorization(
        id=gateway.new_id(),
        client_id=asked.client.client_id,
        user=session.standing.user,
        session=session.id,
        scope=" ".join(asked.scope),
        resource=asked.resource,
        requested_details=asked.details,
        nonce=asked.nonce,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
        active=entering.entitled.active,
        created_at=now,
        expires_at=now + AUTHORIZATION_LIFE,
        dpop_jkt=asked.dpop_jkt,
        place=entering.place,
    )
    if asked.pushed is not None and not await use_pushed_request(connection, asked.pushed, now):
        raise InvalidRequestURIError("The pushed request was used before.")
    kept = Code(token_hash(code), asked.redirect_uri, asked.code_challenge, now + CODE_LIFE)
    if not await insert_authorization(connection, root, kept):
        raise LoginRequiredError("The person has signed out.")
    await keep_told(connection, asked.client, root.id, entering.entitled)
    return code
