"""Mutations about domains whose holders may register themselves for Tools for Teachers."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode
from resolvers import registration_domains
from resolvers.references import read_id
from resolvers.registration_domains import DomainAsked, DomainRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, any_of
from schema.mutations.shared import UserError, user_errors
from schema.registration import CONFIRM_DOMAIN, LIST_DOMAIN, SEE_DOMAINS, RegistrationDomain
from schema.rules import SIGHT


@strawberry.input
class ListRegistrationDomainInput:
    organization: strawberry.ID
    program: str
    domain: str
    idempotency_key: str

    def read(self) -> DomainAsked:
        return DomainAsked(
            read_id(self.organization), ProgramCode(self.program), self.domain.strip(), self.idempotency_key
        )


@strawberry.input
class RegistrationDomainInput:
    domain: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class RegistrationDomainPayload:
    domain: RegistrationDomain | None
    user_errors: list[UserError] = user_errors()


async def _list(info: Info, input: ListRegistrationDomainInput) -> DomainRow:
    return await registration_domains.list_one(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _confirm(info: Info, input: RegistrationDomainInput) -> DomainRow:
    return await registration_domains.confirm(info.context, read_id(input.domain), rule_of_rows(info))


async def _remove(info: Info, input: RegistrationDomainInput) -> DomainRow:
    seen = any_of(SEE_DOMAINS)
    return await registration_domains.remove(info.context, read_id(input.domain), rule_of_rows(info), seen)


@strawberry.type
class RegistrationMutations:
    list_registration_domain: RegistrationDomainPayload | None = answered(
        _list, LIST_DOMAIN, description="By the LEA's primary coordinator; it counts once the state has confirmed it."
    )
    confirm_registration_domain: RegistrationDomainPayload | None = answered(_confirm, CONFIRM_DOMAIN)
    remove_registration_domain: RegistrationDomainPayload | None = answered(_remove, SEE_DOMAINS)
