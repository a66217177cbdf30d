"""issueSisCredentials and revokeSisCredentials: an LEA's client for its student information system (S1-34)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.facts import Assignment
from policy.ids import OrganizationId
from policy.lea_matters import may_act_for_lea
from resolvers import targets
from resolvers.asking import Asking
from resolvers.batches import batch_of
from resolvers.creating import digest_of, first_result
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.database import Connection
from store.recipients import lock_organization
from store.records import OrganizationRecord
from store.sis_credentials import (
    SisCredentialRecord,
    issue_sis_credentials,
    revoke_sis_credentials,
    sis_credentials_by_id,
    sis_credentials_of,
)

__all__ = ["CLIENT_PREFIX", "IssuedRow", "RevokedRow", "SisCredentialRecord", "issue", "of_organization", "revoke"]

ISSUE, REVOKE = "issueSisCredentials", "revokeSisCredentials"
LIFE: Final = timedelta(days=365)
CLIENT_PREFIX: Final = "sis-"
"""How the token endpoint knows such a client from a relying party."""


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """`secret` is told once: a repeated request has None."""

    credentials: SisCredentialRecord | None
    secret: str | None = field(repr=False)
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class RevokedRow:
    organization: OrganizationId | None
    user_errors: list[UserError]


async def of_organization(asking: Asking, organization: OrganizationId) -> SisCredentialRecord | None:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, SisCredentialRecord]:
        return await asking.reads.run(partial(sis_credentials_of, organizations=ids))

    return await batch_of(asking.batches, "sis credentials", load).get(organization)


async def issue(asking: Asking, organization: UUID | None, key: str, rule: AnyOf, sight: Sight) -> IssuedRow:
    """New ones in place of those that the LEA had. Raises RefusedError NOT_FOUND for an organization out of reach."""
    making = change(asking, ISSUE, rule)
    where = await targets.organization(asking, sight, organization)
    secret = asking.new_token()
    work = partial(_issue, making, where, key, secret)
    try:
        made, first = await making.carry_out(Target("organization", str(where.id)), work)
    except RefusedChangeError as refused:
        return IssuedRow(None, None, refused.errors)
    found = await asking.reads.run(partial(sis_credentials_by_id, identifier=made))
    return IssuedRow(found, secret if first else None, [])


async def revoke(asking: Asking, organization: UUID | None, rule: AnyOf, sight: Sight) -> RevokedRow:
    """Raises RefusedError NOT_FOUND for an organization out of reach."""
    making = change(asking, REVOKE, rule)
    where = await targets.organization(asking, sight, organization)
    try:
        await making.carry_out(Target("organization", str(where.id)), partial(_revoke, making, where))
    except RefusedChangeError as refused:
        return RevokedRow(None, refused.errors)
    return RevokedRow(where.id, [])


async def _issue(
    making: Change, where: OrganizationRecord, key: str, secret: str, connection: Connection
) -> tuple[UUID, bool]:
    asking, new = making.asking, making.asking.new_id()
    first = await first_result(making, connection, key, digest_of(where.id), new)
    if first != new:
        return first, False
    under = _judged(making, where)
    if not where.active:
        text, remedy = "The LEA is closed.", "Choose one that is open."
        raise RefusedChangeError([UserError(["input", "organization"], "CLOSED", "S1-34", text, remedy)])
    await lock_organization(connection, where.id)
    record = SisCredentialRecord(
        new, where.id, f"{CLIENT_PREFIX}{new.hex}", making.caller.user, asking.clock.now, last_day(asking.clock.today),
        revoked=False,
    )  # fmt: skip
    acting = f"{under.program}/{under.role}" if under else ""
    replaced = await issue_sis_credentials(connection, record, sha256(secret.encode()).digest(), acting)
    await making.audit(
        connection, Target("organization", str(where.id)), under,
        before={"sis_credentials": str(replaced)} if replaced else None,
        after={"sis_credentials": str(new), "expires_on": record.expires_on.isoformat()},
    )  # fmt: skip
    return new, True


async def _revoke(making: Change, where: OrganizationRecord, connection: Connection) -> None:
    under = _judged(making, where)
    revoked = await revoke_sis_credentials(connection, where.id, making.asking.clock.now)
    if revoked is None:
        text, remedy = "The LEA has no SIS credentials.", "Nothing is to be done."
        raise RefusedChangeError([UserError(["input", "organization"], "NONE", "S1-34", text, remedy)])
    before = {"sis_credentials": str(revoked)}
    await making.audit(connection, Target("organization", str(where.id)), under, before=before)


def last_day(today: date) -> date:
    """The last of 365 days, today being the first."""
    return today + LIFE - timedelta(days=1)


def _judged(making: Change, where: OrganizationRecord) -> Assignment | None:
    verdict = may_act_for_lea(making.actor, where.facts, "S1-34")
    if verdict.refusal is not None:
        raise RefusedChangeError([user_error(verdict.refusal)])
    return verdict.under
