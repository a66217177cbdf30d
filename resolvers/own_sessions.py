"""A person's own sessions: listed, ended one by one, or all of them; nobody else sees or ends them here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.session_life import IDLE_LIMIT
from resolvers import targets
from resolvers.asking import Asking
from resolvers.refusals import Code, RefusedError
from resolvers.writing import Target, UserError, change
from store.database import Connection
from store.own_sessions import finish_other_sessions, finish_own_session, own_sessions
from store.recipients import lock_users
from store.sessions import finish_everything

REVOKE = "revokeSession"
EVERYWHERE = "signOutEverywhere"


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: UUID
    current: bool
    user_agent: str | None
    began_at: datetime
    proved_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    acr: str
    entered: list[str]


@dataclass(frozen=True, slots=True)
class RevokedRow:
    revoked: UUID | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class SignedOutRow:
    signed_out: bool
    user_errors: list[UserError]


async def own(asking: Asking) -> list[SessionRow] | None:
    """None outside of one's own session: no relying party learns where else she is signed in."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller) or caller.session is None:
        return None
    now = asking.clock.now
    found = await asking.reads.run(lambda connection: own_sessions(connection, caller.user, now, now - IDLE_LIMIT))
    return [
        SessionRow(
            one.id, one.id == caller.session, one.user_agent, one.began_at, one.auth_time, one.last_seen_at,
            one.expires_at, one.acr, list(one.entered),
        )
        for one in found
    ]  # fmt: skip


async def revoke(asking: Asking, session: UUID | None, rule: AnyOf) -> RevokedRow:
    """Raises RefusedError NOT_FOUND for a session that isn't hers, or has ended."""
    making = change(asking, REVOKE, rule)
    target = Target("session", str(session))

    async def work(connection: Connection) -> None:
        user, now = making.caller.user, asking.clock.now
        if session is None or not await finish_own_session(connection, user, session, now):
            raise targets.missing("session")
        await making.audit(connection, target, None, before={"user": str(user)})

    await making.carry_out(target, work)
    return RevokedRow(session, [])


async def sign_out_everywhere(asking: Asking, rule: AnyOf, *, keep_this: bool) -> SignedOutRow:
    """Every session of hers with all that relying parties got from it; `keep_this`: but the one that asks."""
    making = change(asking, EVERYWHERE, rule)
    user, session = making.caller.user, making.caller.session
    if session is None:
        raise RefusedError(Code.FORBIDDEN, f"{EVERYWHERE} is carried out in a person's own session only.")
    target = Target("user", str(user))

    async def work(connection: Connection) -> None:
        await lock_users(connection, [user])  # whoever signs in as her at this moment waits, and is seen after that
        if keep_this:
            await finish_other_sessions(connection, user, session, asking.clock.now)
        else:
            await finish_everything(connection, user, asking.clock.now, "signed-out")
        await making.audit(connection, target, None, after={"kept": str(session) if keep_this else None})

    await making.carry_out(target, work)
    return SignedOutRow(signed_out=True, user_errors=[])
