"""What becomes of an authorization request: sign in first, choose a role, no access, or a code."""

from dataclasses import dataclass
from datetime import datetime

from gateway.oidc.authorization.asked_acr import reaches
from gateway.oidc.authorization.entitlement import (
    Entitlement,
    authorized_role,
    entitlement,
    held_back,
    roles_that_enter,
)
from gateway.oidc.authorization.request import AuthorizationRequest
from gateway.oidc.errors import (
    AccessDeniedError,
    InteractionRequiredError,
    LoginRequiredError,
    UnmetAuthenticationRequirementsError,
)
from policy.facts import UserStatus
from policy.grant import Access, ActiveRole
from policy.ids import UserId
from store.sessions import Session


@dataclass(frozen=True, slots=True)
class ChooseRole:
    """The active role gives nothing in these systems; these roles of hers do."""

    roles: tuple[ActiveRole, ...]


@dataclass(frozen=True, slots=True)
class NoAccess:
    """No role gives anything now; `withheld` would, once its steps are done."""

    held_back: Access


@dataclass(frozen=True, slots=True)
class Enter:
    entitled: Entitlement


Outcome = ChooseRole | NoAccess | Enter


def must_sign_in(request: AuthorizationRequest, session: Session | None, hinted: UserId | None, now: datetime) -> bool:
    """Whether no session is good enough. `hinted`: the person that the id_token_hint names.

    Raises LoginRequiredError where the person must not be asked (prompt=none), UnmetAuthenticationRequirementsError
    where she was asked for a higher level and came back without it.
    """
    if session is None or session.standing.status is not UserStatus.ACTIVE:
        needed = True
    else:
        needed = _must_prove_again(request, session, now)
        if not needed and hinted not in (None, session.standing.user):
            if request.signed_in_after is not None:
                raise LoginRequiredError("Another person signed in than the one that id_token_hint names.")
            needed = True
    if not needed and session is not None and not reaches(session.acr, request.acr):
        if request.signed_in_after is not None:
            raise UnmetAuthenticationRequirementsError("The person did not reach the level that the request asks for.")
        needed = True
    if needed and "none" in request.prompts:
        raise LoginRequiredError("The person has to sign in.")
    return needed


def decide(
    request: AuthorizationRequest, access: Access, chosen: ActiveRole | None, *, issuer: str, version: int
) -> Outcome:
    """The outcome for a person who is signed in; `chosen` is her session's active role.

    Raises AccessDeniedError or InteractionRequiredError in place of a page where prompt=none forbids one.
    """
    silent = "none" in request.prompts
    active = authorized_role(request.client, chosen)
    entitled = entitlement(access, request.client, active, issuer=issuer, version=version, requested=request.details)
    if entitled is not None:
        return Enter(entitled)
    others = tuple(
        role for role in roles_that_enter(access, request.client) if _would_enter(request, access, role, issuer)
    )
    if others and request.client.role_mode != "union":
        if silent:
            raise InteractionRequiredError("The person has to choose another role.")
        return ChooseRole(others)
    if silent:
        raise AccessDeniedError("The person has no active role in these systems.")
    return NoAccess(held_back(access, request.client))


def _would_enter(request: AuthorizationRequest, access: Access, role: ActiveRole, issuer: str) -> bool:
    return entitlement(access, request.client, role, issuer=issuer, version=0, requested=request.details) is not None


def _must_prove_again(request: AuthorizationRequest, session: Session, now: datetime) -> bool:
    """Whether prompt or max_age ask for a new sign-in. One that this request has caused is judged by its proof.

    The proof may be older than the sign-in: a district's provider knew her still, or only a second step was taken.
    """
    sent, oldest = request.signed_in_after, request.oldest_proof
    if sent is None:
        if {"login", "select_account"} & request.prompts:
            return True
    elif session.signed_in_at < sent:
        return True
    return oldest is not None and ((sent or now) - session.auth_time).total_seconds() > oldest
