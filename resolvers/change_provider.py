"""confirm-, update-, disableIdentityProvider and rotateIdentityProviderSecret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

from policy.federation import KINDS
from policy.provider_matters import RULE
from resolvers import targets
from resolvers.account_changes import check_version
from resolvers.asking import Asking
from resolvers.identity_providers import (
    Found,
    ProviderRecord,
    ProviderRow,
    Rules,
    carried_out,
    check_fresh,
    fault,
    found,
    metadata_of,
    proposer,
    terms_of,
)
from resolvers.register_provider import add_domains, check_client, check_domains, check_secret, keys_of
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.identity_links import finish_sessions_through
from store.identity_providers import (
    confirm_provider,
    disable_provider,
    is_registered_twice,
    lock_provider,
    provider_by_id,
    remove_provider_domains,
    replace_secret,
    update_provider,
)

CONFIRM: Final = "confirmIdentityProvider"
UPDATE: Final = "updateIdentityProvider"
ROTATE: Final = "rotateIdentityProviderSecret"
DISABLE: Final = "disableIdentityProvider"


@dataclass(frozen=True, slots=True)
class Which:
    """`version`: the one that was seen."""

    provider: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class UpdateAsked:
    """None: stays as it is. The metadata are read anew in any case."""

    which: Which
    client_id: str | None = None
    domains: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SecretAsked:
    which: Which
    client_secret: str = field(repr=False)


async def confirm(asking: Asking, asked: Which, rules: Rules) -> ProviderRow:
    """By the state, with every domain that waits; a disabled one counts again. Raises RefusedError NOT_FOUND."""
    making = change(asking, CONFIRM, rules.change)
    target = await found(asking, asked.provider, rules.seen)
    return await carried_out(making, _target(target), partial(_confirm, making, target, asked))


async def update(asking: Asking, asked: UpdateAsked, rules: Rules) -> ProviderRow:
    """By the LEA. New domains wait for the state; those left out are gone at once, and nobody stays in by them.

    Raises RefusedError NOT_FOUND.
    """
    making = change(asking, UPDATE, rules.change)
    target = await found(asking, asked.which.provider, rules.seen)
    try:
        await making.carry_out(_target(target), partial(_may_update, making, target, asked, rules))
        metadata = await metadata_of(asking, target.provider.issuer)
    except RefusedChangeError as refused:
        return ProviderRow(None, refused.errors)
    return await carried_out(making, _target(target), partial(_update, making, target, asked, rules, metadata))


async def rotate_secret(asking: Asking, asked: SecretAsked, rules: Rules) -> ProviderRow:
    """By the LEA. Raises RefusedError NOT_FOUND."""
    making = change(asking, ROTATE, rules.change)
    target = await found(asking, asked.which.provider, rules.seen)
    return await carried_out(making, _target(target), partial(_rotate, making, target, asked, rules))


async def disable(asking: Asking, asked: Which, rules: Rules) -> ProviderRow:
    """By the LEA or the state: nobody signs in by it, and whoever did is signed out. Raises RefusedError NOT_FOUND."""
    making = change(asking, DISABLE, rules.change)
    target = await found(asking, asked.provider, rules.seen)
    return await carried_out(making, _target(target), partial(_disable, making, target, asked, rules))


async def _confirm(making: Change, target: Found, asked: Which, connection: Connection) -> ProviderRecord:
    record = await _locked(making, target, asked, connection)
    user, now = making.caller.user, making.asking.clock.now
    waiting = [one for one in record.domains if one.confirmed_at is None]
    if record.counts and not waiting:
        raise fault("provider", "CONFIRMED", "It is confirmed already.", "Nothing is to be done.")
    if user == record.proposed_by or any(one.listed_by == user for one in waiting):
        text = "Whoever proposed a provider or its domains doesn't confirm them."
        raise fault("provider", "OWN_PROPOSAL", text, "Have another administrator confirm it.")
    if not target.where.active:
        raise fault("provider", "CLOSED", "The LEA is closed.", "Nothing is to be done.")
    if await is_registered_twice(connection, record):
        text = "Another registration of this issuer and tenant counts."
        raise fault("provider", "TAKEN", text, "Disable that one first.")
    await check_domains(connection, record.organization_id, [one.domain for one in record.domains])
    await confirm_provider(connection, record.id, user, now)
    after = {"domains": [one.domain for one in waiting], "organization": str(record.organization_id)}
    await making.audit(connection, _target(target), None, after=after)
    return await _reread(connection, record)


async def _may_update(
    making: Change, target: Found, asked: UpdateAsked, rules: Rules, connection: Connection
) -> ProviderRecord:
    """Judged before the provider is asked, and once more when the change is made."""
    record = await _locked(making, target, asked.which, connection)
    proposer(making, target.where, rules.heads)
    if asked.client_id is not None:
        check_client(asked.client_id)
    if asked.domains is not None:
        await check_domains(connection, record.organization_id, keys_of(asked.domains))
    return record


async def _update(
    making: Change,
    target: Found,
    asked: UpdateAsked,
    rules: Rules,
    metadata: Mapping[str, Any],
    connection: Connection,
) -> ProviderRecord:
    record = await _may_update(making, target, asked, rules, connection)
    present = [one.domain for one in record.domains]
    wanted = present if asked.domains is None else keys_of(asked.domains)
    added = [one for one in wanted if one not in present]
    removed = [one for one in present if one not in wanted]
    await remove_provider_domains(connection, record.id, removed)
    await add_domains(making, connection, record.id, added)
    client_id = record.client_id if asked.client_id is None else asked.client_id
    await update_provider(connection, record.id, client_id, metadata, making.asking.clock.now)
    before: dict[str, object] = {"client_id": record.client_id, "domains": present}
    after: dict[str, object] = {"client_id": client_id, "domains": wanted}
    after |= await _without(making, connection, record, removed)
    under = proposer(making, target.where, rules.heads)
    await making.audit(connection, _target(target), under, before=before, after=after)
    return await _reread(connection, record)


async def _without(
    making: Change, connection: Connection, record: ProviderRecord, removed: Sequence[str]
) -> dict[str, object]:
    """Where the domain lets people in, who came by one that is gone leaves; a session doesn't say by which she came."""
    if not KINDS[record.kind].domain_claim or not set(removed) & set(record.confirmed_domains):
        return {}
    return {"sessions_ended": await finish_sessions_through(connection, record.id, making.asking.clock.now)}


async def _rotate(
    making: Change, target: Found, asked: SecretAsked, rules: Rules, connection: Connection
) -> ProviderRecord:
    record = await _locked(making, target, asked.which, connection)
    under = proposer(making, target.where, rules.heads)
    check_secret(asked.client_secret)
    sealed = terms_of(making.asking).seal(record.id, asked.client_secret)
    await replace_secret(connection, record.id, sealed)
    await making.audit(connection, _target(target), under)
    return await _reread(connection, record)


async def _disable(making: Change, target: Found, asked: Which, rules: Rules, connection: Connection) -> ProviderRecord:
    """Without a fresh sign-in: what stops somebody else's misuse must not wait."""
    record = await lock_provider(connection, target.provider.id)
    if record is None:
        raise targets.missing("identity provider")
    check_version(asked.version, record.version)
    under = None if target.by_state else proposer(making, target.where, rules.heads)
    if record.disabled_at is not None:
        raise fault("provider", "DISABLED", "It is disabled already.", "Nothing is to be done.")
    now = making.asking.clock.now
    await disable_provider(connection, record.id, making.caller.user, now)
    ended = await finish_sessions_through(connection, record.id, now)
    await making.audit(connection, _target(target), under, after={"sessions_ended": ended})
    return await _reread(connection, record)


async def _locked(making: Change, target: Found, asked: Which, connection: Connection) -> ProviderRecord:
    """As it is now, for somebody who has just proved who she is. Raises RefusedChangeError."""
    check_fresh(making)
    record = await lock_provider(connection, target.provider.id)
    if record is None:
        raise targets.missing("identity provider")
    if record.version != asked.version:
        text = "It was changed since you read it."
        raise RefusedChangeError([UserError(["input", "expectedVersion"], "CHANGED", RULE, text, "Reload it first.")])
    return record


async def _reread(connection: Connection, record: ProviderRecord) -> ProviderRecord:
    return await provider_by_id(connection, record.id) or record


def _target(target: Found) -> Target:
    return Target("identity_provider", str(target.provider.id))
