"""switchActiveRole: the role under which the session's next pages act, those that name none of their own."""

from dataclasses import dataclass
from typing import Final

from policy.access import AnyOf
from policy.grant import ActiveRole
from resolvers.asking import Asking
from resolvers.refusals import Code, RefusedError
from resolvers.viewer import ActingRow, acting_row
from resolvers.writing import RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.sessions import choose_role

ACTION = "switchActiveRole"
_NOT_HELD: Final = UserError(
    ["input", "context"], "NOT_HELD", None, "You don't hold this role now.", "Choose one of viewer.roles."
)


@dataclass(frozen=True, slots=True)
class SwitchRow:
    active_role: ActingRow | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, context: str, rule: AnyOf) -> SwitchRow:
    """`context`: one of the caller's roles, as `ActiveRole.context` names it. Raises RefusedError FORBIDDEN."""
    making = change(asking, ACTION, rule)
    session = making.caller.session
    if session is None:
        raise RefusedError(Code.FORBIDDEN, f"{ACTION} is carried out in a person's own session only.")
    target = Target("session", str(session))

    async def work(connection: Connection) -> ActiveRole:
        role = next((one for one in making.caller.roles if one.text == context), None)
        if role is None:
            raise RefusedChangeError([_NOT_HELD])
        await choose_role(connection, session, role)
        await making.audit(connection, target, None, after={"role": context})
        return role

    try:
        role = await making.carry_out(target, work)
    except RefusedChangeError as refused:
        return SwitchRow(None, refused.errors)
    return SwitchRow(acting_row(asking, role), [])
