"""A person's own consents, listed and taken back; nobody else sees or ends them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.ids import OrganizationId
from resolvers import programs, targets
from resolvers.asking import Asking
from resolvers.programs import RoleRow
from resolvers.writing import Target, UserError, change
from store.consents import Allowed, Consent, consents_of, withdraw_consent
from store.database import Connection

ACTION = "revokeConsent"


@dataclass(frozen=True, slots=True)
class TermsRow:
    allowed_at: datetime
    scopes: list[str]
    systems: list[str]
    narrowed: bool
    program: str | None
    school_year: str | None
    role: RoleRow | None
    place_id: OrganizationId | None


@dataclass(frozen=True, slots=True)
class ConsentRow:
    id: UUID
    client_id: str
    label: str
    given_at: datetime
    allowed: list[TermsRow]


@dataclass(frozen=True, slots=True)
class RevokeConsentRow:
    revoked: UUID | None
    user_errors: list[UserError]


async def own(asking: Asking) -> list[ConsentRow] | None:
    """None outside of one's own session: no relying party learns which others there are."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller) or caller.systems is not None:
        return None
    found = await asking.reads.run(lambda connection: consents_of(connection, caller.user))
    return [_row(asking, one) for one in found]


async def revoke(asking: Asking, consent: UUID | None, rule: AnyOf) -> RevokeConsentRow:
    """Raises RefusedError NOT_FOUND for a consent that isn't hers, or is taken back already."""
    making = change(asking, ACTION, rule)

    async def work(connection: Connection) -> None:
        user = making.caller.user
        client = await withdraw_consent(connection, consent, user, asking.clock.now) if consent else None
        if client is None:
            raise targets.missing("consent")
        before = {"user": str(user), "client": client}
        await making.audit(connection, Target("consent", str(consent)), None, before=before)

    await making.carry_out(Target("consent", str(consent)), work)
    return RevokeConsentRow(consent, [])


def _row(asking: Asking, consent: Consent) -> ConsentRow:
    allowed = [_terms(asking, one) for one in consent.allowed]
    return ConsentRow(consent.id, consent.client_id, consent.label, consent.given_at, allowed)


def _terms(asking: Asking, allowed: Allowed) -> TermsRow:
    terms, role = allowed.terms, allowed.terms.role
    return TermsRow(
        allowed.at,
        sorted(terms.scopes),
        sorted(terms.systems),
        terms.details is not None,
        role.program if role else None,
        role.school_year if role else None,
        programs.role(asking, role.program, role.role, role.school_year) if role else None,
        terms.place,
    )
