"""registerIdentityProvider: an LEA proposes its own OpenID provider; it counts once the state has confirmed it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

from policy.federation import KINDS, ProviderKind, is_shared, issuer_of
from policy.ids import OrganizationId
from policy.mail_domains import domain_fault, looks_like, overlaps
from resolvers import targets
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.identity_providers import (
    ProviderRecord,
    ProviderRow,
    Rules,
    carried_out,
    check_fresh,
    fault,
    metadata_of,
    proposer,
    terms_of,
)
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, change
from store.database import Connection
from store.identity_providers import (
    NewProvider,
    ProviderId,
    domains_elsewhere,
    insert_provider,
    is_others_issuer,
    list_provider_domain,
    provider_by_id,
)
from store.records import OrganizationRecord
from store.registration import domain_key

REGISTER: Final = "registerIdentityProvider"
MOST_DOMAINS: Final = 20
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class ProviderAsked:
    """As it was typed. `issuer`: of the generic kind; `tenant`: of kinds that serve many districts."""

    organization: UUID | None
    kind: ProviderKind
    issuer: str
    tenant: str
    client_id: str
    client_secret: str = field(repr=False)
    domains: tuple[str, ...]
    key: str


async def register(asking: Asking, asked: ProviderAsked, rules: Rules, sight: Sight) -> ProviderRow:
    """Raises RefusedError NOT_FOUND for an organization out of reach."""
    making = change(asking, REGISTER, rules.change)
    where = await targets.organization(asking, sight, asked.organization)
    target = Target("organization", str(where.id))
    issuer = issuer_of(asked.kind, asked.tenant, asked.issuer)
    try:
        await making.carry_out(target, partial(_judge, making, where, asked, rules))
        metadata = await metadata_of(asking, issuer)
    except RefusedChangeError as refused:
        return ProviderRow(None, refused.errors)
    return await carried_out(making, target, partial(_insert, making, where, asked, rules, metadata))


async def _judge(
    making: Change, where: OrganizationRecord, asked: ProviderAsked, rules: Rules, connection: Connection
) -> None:
    """All that is known before the provider is asked: nobody else makes the gateway call anywhere."""
    proposer(making, where, rules.heads)
    check_fresh(making)
    terms = KINDS[asked.kind]
    if terms.tenant is None and asked.tenant:
        raise fault("tenant", "NO_TENANT", f"{terms.label} has no tenant here.", "Leave it out.")
    if terms.tenant is not None and not terms.tenant.fullmatch(asked.tenant):
        raise fault("tenant", "INVALID_TENANT", f"{terms.label} is told apart by {terms.tenant_hint}.", "Write it.")
    if bool(terms.issuer) == bool(asked.issuer):
        text = "The issuer is written for the generic kind, and for no other."
        raise fault("issuer", "ISSUER", text, "Leave it out, or choose the generic kind.")
    issuer = issuer_of(asked.kind, asked.tenant, asked.issuer)
    if not terms.issuer and (is_shared(issuer) or await is_others_issuer(connection, issuer, where.id)):
        text = "This issuer signs for people of other districts too."
        raise fault("issuer", "SHARED_ISSUER", text, "Choose its own kind, if there is one.")
    check_client(asked.client_id)
    check_secret(asked.client_secret)
    await check_domains(connection, where.id, keys_of(asked.domains))


async def _insert(
    making: Change,
    where: OrganizationRecord,
    asked: ProviderAsked,
    rules: Rules,
    metadata: Mapping[str, Any],
    connection: Connection,
) -> ProviderRecord:
    asking = making.asking
    new = ProviderId(asking.new_id())
    digest = digest_of(asked.organization, asked.kind, asked.issuer, asked.tenant, asked.client_id, asked.domains)
    first = await first_result(making, connection, asked.key, digest, new)
    if first == new:
        under = proposer(making, where, rules.heads)
        domains = keys_of(asked.domains)
        await check_domains(connection, where.id, domains)
        issuer = issuer_of(asked.kind, asked.tenant, asked.issuer)
        sealed = terms_of(asking).seal(new, asked.client_secret)
        record = NewProvider(
            new, where.id, asked.kind, issuer, asked.tenant, asked.client_id, sealed, metadata, asking.clock.now,
            making.caller.user,
        )  # fmt: skip
        await insert_provider(connection, record)
        await add_domains(making, connection, new, domains)
        after = {
            "organization": str(where.id), "kind": asked.kind.value, "issuer": issuer, "tenant": asked.tenant,
            "client_id": asked.client_id, "domains": sorted(domains),
        }  # fmt: skip
        await making.audit(connection, Target("identity_provider", str(new)), under, after=after)
    found = await provider_by_id(connection, first)
    if found is None:
        raise targets.missing("identity provider")
    return found


def keys_of(typed: Collection[str]) -> list[str]:
    """Each domain once, as addresses of it are compared."""
    return list(dict.fromkeys(domain_key(one) for one in typed))


def check_client(client_id: str) -> None:
    """Raises RefusedChangeError."""
    if not 0 < len(client_id) <= _LONGEST or not client_id.isprintable():
        raise fault(
            "clientId", "INVALID_CLIENT_ID", "A client ID is what the provider calls us.", "Copy it from there."
        )


def check_secret(secret: str) -> None:
    """Raises RefusedChangeError."""
    if not 0 < len(secret) <= _LONGEST or not (secret.isascii() and secret.isprintable()):
        raise fault("clientSecret", "INVALID_SECRET", "This is no client secret.", "Copy it from the provider.")


async def check_domains(connection: Connection, organization: OrganizationId, domains: Collection[str]) -> None:
    """Whether each can be this LEA's own and is nobody else's. Raises RefusedChangeError."""
    if not 0 < len(domains) <= MOST_DOMAINS:
        text = f"A provider is for 1 to {MOST_DOMAINS} e-mail domains."
        raise fault("domains", "NUMBER", text, "Write those of the LEA's people.")
    for domain in domains:
        wrong = domain_fault(domain)
        if wrong is not None:
            raise fault("domains", *wrong)
    for other in await domains_elsewhere(connection, organization):
        for domain in domains:
            if overlaps(domain, other):
                text = f"{domain} is another LEA's, or lies above or below one that is."
                raise fault("domains", "TAKEN", text, "Ask the state, if it is yours.")
            if looks_like(domain, other):
                text = f"{domain} looks like another LEA's domain."
                raise fault("domains", "LOOKS_LIKE", text, "Ask the state, if it is yours.")


async def add_domains(making: Change, connection: Connection, provider: UUID, domains: Collection[str]) -> None:
    """They wait for the state."""
    asking = making.asking
    for domain in domains:
        user, now = making.caller.user, asking.clock.now
        await list_provider_domain(connection, asking.new_id(), provider, domain, user, now)
