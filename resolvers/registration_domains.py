"""listRegistrationDomain, confirmRegistrationDomain and removeRegistrationDomain (S1-03)."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AccessTarget, AnyOf, Subject, holds
from policy.ids import OrganizationId, ProgramCode
from policy.registration import PUBLIC_MAIL, may_list_domain, self_registered_role
from resolvers import organizations, targets
from resolvers.asking import Asking
from resolvers.batches import batch_of
from resolvers.creating import digest_of, first_result
from resolvers.subjects import subject_of
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.database import Connection
from store.records import OrganizationRecord
from store.registration import (
    DomainRecord,
    confirm_domain,
    confirmed_elsewhere,
    domain_by_id,
    domain_key,
    domains_of,
    list_domain,
    remove_domain,
    waiting_domains,
)

__all__ = ["DomainAsked", "DomainRecord", "DomainRow", "confirm", "list_one", "of_organization", "remove", "waiting"]

LIST, CONFIRM, REMOVE = "listRegistrationDomain", "confirmRegistrationDomain", "removeRegistrationDomain"
MOST_WAITING: Final = 100
_DOMAIN: Final = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


@dataclass(frozen=True, slots=True)
class DomainAsked:
    organization: UUID | None
    program: ProgramCode
    domain: str
    key: str


@dataclass(frozen=True, slots=True)
class DomainRow:
    domain: DomainRecord | None
    user_errors: list[UserError]


async def of_organization(asking: Asking, organization: OrganizationId) -> tuple[DomainRecord, ...]:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, tuple[DomainRecord, ...]]:
        return await asking.reads.run(partial(domains_of, organizations=ids))

    return await batch_of(asking.batches, "registration domains", load).get(organization) or ()


async def waiting(asking: Asking) -> tuple[DomainRecord, ...]:
    """Those that wait for the state, the oldest first."""
    return await asking.reads.run(partial(waiting_domains, most=MOST_WAITING))


async def list_one(asking: Asking, asked: DomainAsked, rule: AnyOf, sight: Sight) -> DomainRow:
    """Raises RefusedError NOT_FOUND for an organization out of reach."""
    making = change(asking, LIST, rule)
    where = await targets.organization(asking, sight, asked.organization)
    return await _carried_out(making, Target("organization", str(where.id)), partial(_list, making, where, asked))


async def confirm(asking: Asking, domain: UUID | None, rule: AnyOf) -> DomainRow:
    """Raises RefusedError NOT_FOUND for a domain that nobody listed."""
    making = change(asking, CONFIRM, rule)
    found = await _found(asking, domain)
    return await _carried_out(making, Target("registration_domain", str(found.id)), partial(_confirm, making, found.id))


async def remove(asking: Asking, domain: UUID | None, rule: AnyOf, seen: AnyOf) -> DomainRow:
    """`seen`: the rule by which a domain is seen. Raises RefusedError NOT_FOUND for one out of reach."""
    making = change(asking, REMOVE, rule)
    found = await _found(asking, domain)
    where = await organizations.by_id(asking, found.organization_id)
    subject = subject_of(where, asking) if where else Subject()
    if where is None or not holds(asking.caller, seen, subject):
        raise targets.missing("domain")
    work = partial(_remove, making, found.id, where, seen, subject)
    return await _carried_out(making, Target("registration_domain", str(found.id)), work)


async def _found(asking: Asking, domain: UUID | None) -> DomainRecord:
    found = await asking.reads.run(partial(domain_by_id, domain=domain)) if domain else None
    if found is None:
        raise targets.missing("domain")
    return found


async def _carried_out(
    making: Change, target: Target, work: Callable[[Connection], Awaitable[DomainRecord]]
) -> DomainRow:
    try:
        return DomainRow(await making.carry_out(target, work), [])
    except RefusedChangeError as refused:
        return DomainRow(None, refused.errors)


async def _list(making: Change, where: OrganizationRecord, asked: DomainAsked, connection: Connection) -> DomainRecord:
    asking, new = making.asking, making.asking.new_id()
    first = await first_result(making, connection, asked.key, digest_of(asked), new)
    if first != new:
        known = await domain_by_id(connection, first)
        if known is None:
            raise targets.missing("domain")
        return known
    verdict = may_list_domain(making.actor, where.facts, asked.program)
    if verdict.refusal is not None:
        raise RefusedChangeError([user_error(verdict.refusal)])
    domain = domain_key(asked.domain)
    error = _domain_error(asking, asked.program, domain)
    record = DomainRecord(new, where.id, asked.program, domain, making.caller.user, asking.clock.now)
    if error is None and not await list_domain(connection, record):
        error = _error("ALREADY_LISTED", "Your LEA has listed this domain already.", "Nothing is to be done.")
    if error is not None:
        raise RefusedChangeError([error])
    after = {"organization": str(where.id), "program": asked.program, "domain": domain}
    await making.audit(connection, Target("registration_domain", str(new)), verdict.under, after=after)
    return record


async def _confirm(making: Change, identifier: UUID, connection: Connection) -> DomainRecord:
    found = await domain_by_id(connection, identifier)
    if found is None:
        raise targets.missing("domain")
    user = making.caller.user
    if found.listed_by == user:
        text = "Whoever listed a domain doesn't confirm it."
        raise RefusedChangeError([_error("OWN_DOMAIN", text, "Have another administrator confirm it.")])
    if found.confirmed_at is not None:
        raise RefusedChangeError([_error("CONFIRMED", "The domain is confirmed already.", "Nothing is to be done.")])
    if await confirmed_elsewhere(connection, found.domain, found.id):
        text = "The domain is confirmed for another LEA or program."
        raise RefusedChangeError([_error("TAKEN", text, "Remove that one first, if this LEA owns the domain.")])
    await confirm_domain(connection, found.id, user, making.asking.clock.now)
    after = {"organization": str(found.organization_id), "program": found.program, "domain": found.domain}
    await making.audit(connection, Target("registration_domain", str(found.id)), None, after=after)
    confirmed = await domain_by_id(connection, identifier)
    if confirmed is None:
        raise targets.missing("domain")
    return confirmed


async def _remove(
    making: Change, identifier: UUID, where: OrganizationRecord, seen: AnyOf, subject: Subject, connection: Connection
) -> DomainRecord:
    found = await domain_by_id(connection, identifier)
    if found is None:
        raise targets.missing("domain")
    verdict = may_list_domain(making.actor, where.facts, found.program)
    if verdict.refusal is not None and not _acts_for_state(making, seen, subject):
        raise RefusedChangeError([user_error(verdict.refusal)])
    await remove_domain(connection, found.id)
    before = {"organization": str(found.organization_id), "program": found.program, "domain": found.domain}
    await making.audit(connection, Target("registration_domain", str(found.id)), verdict.under, before=before)
    return found


def _acts_for_state(making: Change, seen: AnyOf, subject: Subject) -> bool:
    of_state = tuple(one for one in seen if one.of is AccessTarget.STATE)
    return holds(making.asking.caller, of_state, subject)


def _domain_error(asking: Asking, program: ProgramCode, domain: str) -> UserError | None:
    year = asking.years.current.get(program)
    pack = asking.packs.at(program, year) if year is not None else None
    if pack is None or self_registered_role(pack) is None:
        text = "In this program nobody registers herself this year."
        return UserError(["input", "program"], "NO_ROLE", "S1-03", text, "Choose another program.")
    if not _DOMAIN.fullmatch(domain):
        return _error("INVALID_DOMAIN", "This is no e-mail domain.", "Write what stands behind the @.")
    if domain in PUBLIC_MAIL:
        return _error("PUBLIC_DOMAIN", "Anybody gets an address of this domain.", "List a domain of the LEA's own.")
    return None


def _error(code: str, text: str, remedy: str) -> UserError:
    return UserError(["input", "domain"], code, "S1-03", text, remedy)
