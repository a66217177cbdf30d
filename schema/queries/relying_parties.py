"""Queries of the state's integration administrator: relying parties, signing keys, and previews of claims."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from resolvers import previews, relying_parties, rotate_signing_key
from resolvers.previews import Preview, PreviewTyped
from resolvers.relying_parties import MOST_SHOWN, RegistrationView
from resolvers.rotate_signing_key import SigningKeyRow
from schema.asked import Info, answered
from schema.relying_parties import MANAGE_RELYING_PARTIES, ROTATE_KEYS, ClaimsPreview, RelyingParty, SigningKey

UNSET: Any = strawberry.UNSET

Person = Annotated[str, strawberry.argument(description="Her address or id.")]
Role = Annotated[
    str | None,
    strawberry.argument(description="program/role/school year. Without one, that of a new session."),
]
Scope = Annotated[
    list[str] | None,
    strawberry.argument(description="What it would ask for. Without, all of a person that it is registered for."),
]
Resource = Annotated[str | None, strawberry.argument(description="The audience; without one, its first system.")]


async def _every(info: Info) -> list[RegistrationView]:
    return await relying_parties.listed(info.context)


async def _one(info: Info, client_id: str) -> RegistrationView | None:
    return await relying_parties.shown(info.context, client_id)


async def _keys(info: Info) -> list[SigningKeyRow]:
    return await rotate_signing_key.listed(info.context)


async def _preview(
    info: Info,
    client_id: str,
    user: Person,
    role: Role = UNSET,
    scope: Scope = UNSET,
    resource: Resource = UNSET,
) -> Preview:
    asked = PreviewTyped(client_id, user.strip(), role or None, tuple(scope) if scope else None, resource or None)
    return await previews.preview(info.context, asked)


@strawberry.type
class RelyingPartyQueries:
    relying_parties: list[RelyingParty] | None = answered(
        _every, MANAGE_RELYING_PARTIES, size=MOST_SHOWN, description="By client id; inactive ones as well."
    )
    relying_party: RelyingParty | None = answered(_one, MANAGE_RELYING_PARTIES)
    claims_preview: ClaimsPreview | None = answered(
        _preview,
        MANAGE_RELYING_PARTIES,
        description="What it would be told of a person, or why she wouldn't get in. No token is made; it is audited.",
    )
    signing_keys: list[SigningKey] | None = answered(
        _keys, ROTATE_KEYS, size=rotate_signing_key.MOST_SHOWN, description="Those that are published."
    )
