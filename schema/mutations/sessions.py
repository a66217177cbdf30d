"""Mutations about one's own sessions: one is ended, or all of them."""

from __future__ import annotations

import strawberry

from resolvers import own_sessions
from resolvers.own_sessions import RevokedRow, SignedOutRow
from resolvers.references import read_id
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access
from schema.mutations.shared import UserError, user_errors
from schema.rules import SELF

OWN = access(SELF)


@strawberry.input
class RevokeSessionInput:
    session: strawberry.ID


@strawberry.input
class SignOutEverywhereInput:
    keep_this: bool = strawberry.field(default=False, description="Whether the session that asks goes on.")


@strawberry.type(directives=[PUBLIC])
class RevokeSessionPayload:
    revoked: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class SignOutEverywherePayload:
    signed_out: bool | None
    user_errors: list[UserError] = user_errors()


async def _revoke(info: Info, input: RevokeSessionInput) -> RevokedRow:
    return await own_sessions.revoke(info.context, read_id(input.session), rule_of_rows(info))


async def _everywhere(info: Info, input: SignOutEverywhereInput) -> SignedOutRow:
    return await own_sessions.sign_out_everywhere(info.context, rule_of_rows(info), keep_this=input.keep_this)


@strawberry.type
class SessionMutations:
    revoke_session: RevokeSessionPayload | None = answered(
        _revoke, OWN, description="Ends it with all that relying parties got from it, and tells those that listen."
    )
    sign_out_everywhere: SignOutEverywherePayload | None = answered(
        _everywhere, OWN, description="Ends every session of the caller's in the same way."
    )
