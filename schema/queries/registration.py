"""Domains that wait for the state."""

from __future__ import annotations

import strawberry

from resolvers import registration_domains
from resolvers.registration_domains import DomainRecord
from schema.asked import Info, answered
from schema.registration import CONFIRM_DOMAIN, RegistrationDomain


async def _waiting(info: Info) -> tuple[DomainRecord, ...]:
    return await registration_domains.waiting(info.context)


@strawberry.type
class RegistrationQueries:
    waiting_registration_domains: list[RegistrationDomain] | None = answered(
        _waiting, CONFIRM_DOMAIN, description="Those that the state hasn't confirmed, the oldest 100.", size=100
    )
