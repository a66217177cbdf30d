"""Mutations about one's own access: the role that new pages act under, and consents that are taken back."""

from __future__ import annotations

import strawberry

from resolvers import consents, switch_role
from resolvers.consents import RevokeConsentRow
from resolvers.references import read_id
from resolvers.switch_role import SwitchRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access
from schema.mutations.shared import UserError, user_errors
from schema.rules import SELF
from schema.viewer import ActiveRole

OWN = access(SELF)


@strawberry.input
class SwitchActiveRoleInput:
    context: str = strawberry.field(description="As `ActiveRole.context` names it.")


@strawberry.input
class RevokeConsentInput:
    consent: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class SwitchActiveRolePayload:
    active_role: ActiveRole | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RevokeConsentPayload:
    revoked: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


async def _switch(info: Info, input: SwitchActiveRoleInput) -> SwitchRow:
    return await switch_role.carry_out(info.context, input.context, rule_of_rows(info))


async def _revoke(info: Info, input: RevokeConsentInput) -> RevokeConsentRow:
    return await consents.revoke(info.context, read_id(input.consent), rule_of_rows(info))


@strawberry.type
class OwnAccessMutations:
    switch_active_role: SwitchActiveRolePayload | None = answered(
        _switch, OWN, description="For what names no role of its own in this session. Authorizations keep theirs."
    )
    revoke_consent: RevokeConsentPayload | None = answered(
        _revoke, OWN, description="Ends at once what the relying party holds: its access and refresh tokens."
    )
