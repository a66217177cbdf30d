"""deactivateUser: the account as a whole for whoever manages all of it, else the roles within the actor's reach."""

from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import IdentityOperation, Verdict, may_change_identity, may_suspend, suspendable
from policy.facts import Assignment, UserStatus
from policy.ids import AssignmentId, UserId
from resolvers import targets
from resolvers.account_changes import Concerned, concerned, entitled, refused
from resolvers.asking import Asking
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.account_links import close_links
from store.database import Connection
from store.email_changes import cancel_email_changes
from store.sessions import finish_everything
from store.suspensions import SuspensionRecord, suspend_account, suspend_assignment

ACTION = "deactivateUser"
LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class DeactivateRow:
    user: UserId | None
    whole_account: bool | None
    """None: nothing was done."""
    suspended: list[AssignmentId]
    """The roles, where it isn't the whole account."""
    user_errors: list[UserError]


async def carry_out(
    asking: Asking, user: UUID | None, comment: str | None, rules: tuple[AnyOf, AnyOf], sight: Sight
) -> DeactivateRow:
    """`rules`: of suspending roles, and of touching a person's identity. Raises RefusedError NOT_FOUND."""
    making = change(asking, ACTION, rules[0])
    seen = await targets.user(asking, sight, user)
    target = Target("user", str(seen.id))
    try:
        done = await making.carry_out(
            target, lambda connection: _deactivate(making, connection, seen.id, (comment or "").strip(), rules[1])
        )
    except RefusedChangeError as error:
        return DeactivateRow(None, None, [], error.errors)
    return DeactivateRow(seen.id, not done, done, [])


async def _deactivate(
    making: Change, connection: Connection, user: UserId, comment: str, identity: AnyOf
) -> list[AssignmentId]:
    """The roles that are suspended now; none: the whole account is."""
    if len(comment) > LONGEST_COMMENT:
        text = f"The comment has {len(comment)} characters, where {LONGEST_COMMENT} are allowed."
        raise refused("comment", "TOO_LONG", "S0-49", text, "Shorten it.")
    found = await concerned(making, connection, user, identity)
    verdict = may_change_identity(found.actor, found.recipient, IdentityOperation.SUSPEND, making.asking.packs)
    if verdict.allowed:
        await _whole(making, connection, found, entitled(verdict), comment or None)
        return []
    if verdict.refusal is not None and verdict.refusal.code == "SUSPENDED":
        raise RefusedChangeError([user_error(verdict.refusal)])
    within = suspendable(making.actor, found.recipient, making.asking.packs)
    if not within:
        raise RefusedChangeError([_why_not(making, found, verdict)])
    for one in within:
        under = entitled(may_suspend(making.actor, found.recipient, one, making.asking.packs))
        await _role(making, connection, found, one, under, comment or None)
    await making.tell(connection, [user])
    return [one.id for one in within]


async def _whole(
    making: Change, connection: Connection, found: Concerned, under: Assignment, comment: str | None
) -> None:
    now, user = making.asking.clock.now, found.person.id
    new = SuspensionRecord(making.asking.new_id(), user, None, comment, making.caller.user, under, now)
    await suspend_account(connection, new)
    await close_links(connection, user, now)
    await cancel_email_changes(connection, user, now)
    await finish_everything(connection, user, now, "suspended")
    await making.audit(
        connection, Target("user", str(user)), under,
        before={"status": found.person.status.value}, after={"status": UserStatus.SUSPENDED.value},
        personal={user: {"comment": comment}} if comment else None,
    )  # fmt: skip
    await making.mail(connection, "account-suspended", user)
    await making.tell(connection, [user])


async def _role(
    making: Change,
    connection: Connection,
    found: Concerned,
    one: Assignment,
    under: Assignment,
    comment: str | None,
) -> None:
    asking, user = making.asking, found.person.id
    new = SuspensionRecord(asking.new_id(), user, one.id, comment, making.caller.user, under, asking.clock.now)
    await suspend_assignment(connection, new)
    await making.audit(
        connection, Target("role_assignment", str(one.id)), under,
        before={"user": str(user), "status": "active"}, after={"status": "suspended"},
        personal={user: {"comment": comment}} if comment else None,
    )  # fmt: skip
    await making.mail(connection, "account-suspended", user, organization=one.organization.id)


def _why_not(making: Change, found: Concerned, verdict: Verdict) -> UserError:
    """Why none of her roles is the actor's to suspend: the reason of one that she sees, else that of the account."""
    for one in found.person.assignments:
        refusal = may_suspend(making.actor, found.recipient, one, making.asking.packs).refusal
        if refusal is not None and refusal.code in ("SUSPENDED", "OWN_ASSIGNMENT"):
            return UserError(["input", "user"], refusal.code, refusal.rule or None, refusal.message, refusal.remedy)
    if verdict.refusal is None:
        raise ValueError("A verdict that refuses says why.")
    return user_error(verdict.refusal)
