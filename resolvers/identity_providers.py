"""Registrations of districts' identity providers as their readers see them, and what changes of them share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from policy.access import AccessTarget, AnyOf, Subject, holds
from policy.facts import Assignment
from policy.ids import OrganizationId, Permission
from policy.provider_matters import RULE, may_propose_provider
from resolvers import organizations, targets
from resolvers.asking import Asking, ProviderTerms, UnusableProviderError
from resolvers.batches import batch_of
from resolvers.refusals import bad_input
from resolvers.step_up import step_up_missing
from resolvers.subjects import subject_of
from resolvers.writing import Change, RefusedChangeError, Target, UserError, user_error
from store.database import Connection
from store.identity_providers import ProviderDomain, ProviderRecord, every_provider, provider_by_id, providers_of
from store.records import OrganizationRecord

__all__ = [
    "MOST_SHOWN", "Found", "ProviderDomain", "ProviderRecord", "ProviderRow", "Rules", "carried_out", "check_fresh",
    "every", "fault", "found", "metadata_of", "of_organization", "proposer", "terms_of",
]  # fmt: skip

MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Rules:
    """`change`: the mutation's; `seen`: by which a registration is seen; `heads`: what only an LEA's heads have."""

    change: AnyOf
    seen: AnyOf
    heads: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class ProviderRow:
    provider: ProviderRecord | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class Found:
    """A registration within reach. `by_state`: the caller acts for the state."""

    provider: ProviderRecord
    where: OrganizationRecord
    by_state: bool


async def of_organization(asking: Asking, organization: OrganizationId) -> tuple[ProviderRecord, ...]:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, tuple[ProviderRecord, ...]]:
        return await asking.reads.run(partial(providers_of, organizations=ids))

    return await batch_of(asking.batches, "identity providers", load).get(organization) or ()


async def every(asking: Asking, lea_code: str | None) -> tuple[ProviderRecord, ...]:
    """Those that wait for the state first. `lea_code`: of that LEA only."""
    return await asking.reads.run(partial(every_provider, most=MOST_SHOWN, lea_code=lea_code))


async def found(asking: Asking, provider: UUID | None, seen: AnyOf) -> Found:
    """Raises RefusedError NOT_FOUND for one that is out of reach."""
    record = await asking.reads.run(partial(provider_by_id, provider=provider)) if provider else None
    where = await organizations.by_id(asking, record.organization_id) if record else None
    if record is None or where is None:
        raise targets.missing("identity provider")
    subject = subject_of(where, asking)
    if not holds(asking.caller, seen, subject):
        raise targets.missing("identity provider")
    return Found(record, where, holds(asking.caller, _of_state(seen), Subject()))


def proposer(making: Change, where: OrganizationRecord, heads: Sequence[Permission]) -> Assignment | None:
    """The assignment under which she may. Raises RefusedChangeError."""
    verdict = may_propose_provider(making.actor, where.facts, heads)
    if verdict.refusal is not None:
        raise RefusedChangeError([user_error(verdict.refusal)])
    return verdict.under


async def carried_out(
    making: Change, target: Target, work: Callable[[Connection], Awaitable[ProviderRecord]]
) -> ProviderRow:
    try:
        return ProviderRow(await making.carry_out(target, work), [])
    except RefusedChangeError as refused:
        return ProviderRow(None, refused.errors)


async def metadata_of(asking: Asking, issuer: str) -> Mapping[str, Any]:
    """What the provider says of itself. No connection is held meanwhile. Raises RefusedChangeError."""
    await asking.reads.let_go()
    try:
        return await terms_of(asking).discover(issuer)
    except UnusableProviderError as error:
        raise fault("issuer", "UNUSABLE", str(error), "Ask whoever runs the provider.") from error


def terms_of(asking: Asking) -> ProviderTerms:
    """Raises RefusedError where nobody can register any: in a command."""
    if asking.providers is None:
        raise bad_input("Identity providers are registered in a session, not by a command.")
    return asking.providers


def check_fresh(making: Change) -> None:
    """Raises RefusedChangeError unless she has just proved here who she is: a provider doesn't vouch for itself."""
    missing = step_up_missing(making.caller, making.asking.clock)
    if missing is not None:
        raise RefusedChangeError([missing])
    if making.caller.lea is not None:
        text = "You came through a district's sign-in, which doesn't change registrations."
        raise fault("provider", "DISTRICT_SESSION", text, "Sign in with your password here, then repeat it.")


def fault(field: str, code: str, message: str, remedy: str) -> RefusedChangeError:
    return RefusedChangeError([UserError(["input", field], code, RULE, message, remedy)])


def _of_state(seen: AnyOf) -> AnyOf:
    return tuple(one for one in seen if one.of is AccessTarget.STATE)
