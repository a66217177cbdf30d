"""Identity providers of districts as the state sees them, and one's own links."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers import identity_links, identity_providers
from resolvers.identity_links import OwnLink
from resolvers.identity_providers import MOST_SHOWN, ProviderRecord
from schema.asked import Info, answered
from schema.directives import access
from schema.identity_providers import CONFIRM_PROVIDER, IdentityLink, IdentityProvider
from schema.rules import SELF

UNSET: Any = strawberry.UNSET


async def _every(info: Info, lea_code: str | None = UNSET) -> tuple[ProviderRecord, ...]:
    return await identity_providers.every(info.context, lea_code or None)


async def _own(info: Info) -> list[OwnLink]:
    return await identity_links.own(info.context)


@strawberry.type
class IdentityProviderQueries:
    identity_providers: list[IdentityProvider] | None = answered(
        _every,
        CONFIRM_PROVIDER,
        description="Those that wait for the state first, up to 100; with a code those of that LEA.",
        size=MOST_SHOWN,
    )
    identity_links: list[IdentityLink] | None = answered(
        _own, access(SELF), description="The caller's own ways in through districts.", size=5
    )
