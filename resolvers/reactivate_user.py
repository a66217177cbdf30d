"""reactivateUser: a suspension is lifted by its author, by somebody above the author there, or by the state."""

from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf, holds
from policy.delegation import Author, Recipient, Refusal, Suspension, may_lift
from policy.facts import UserStatus
from policy.ids import AssignmentId, UserId
from resolvers import targets
from resolvers.account_changes import concerned, refused
from resolvers.asking import Asking
from resolvers.subjects import subject_of
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.assignments import assignments_by_ids
from store.database import Connection
from store.suspensions import BY_REVIEW, SuspensionRecord, lift_account, lift_assignment, open_suspensions

ACTION = "reactivateUser"


@dataclass(frozen=True, slots=True)
class ReactivateRow:
    user: UserId | None
    still_suspended: bool | None
    """Whether something is left that others suspended."""
    user_errors: list[UserError]


async def carry_out(asking: Asking, user: UUID | None, rule: AnyOf, sight: Sight) -> ReactivateRow:
    """Lifts whatever the actor may lift. Raises RefusedError NOT_FOUND for a person out of reach."""
    making = change(asking, ACTION, rule)
    seen = await targets.user(asking, sight, user)
    target = Target("user", str(seen.id))
    try:
        left = await making.carry_out(target, lambda connection: _reactivate(making, connection, seen.id, sight))
    except RefusedChangeError as error:
        return ReactivateRow(None, None, error.errors)
    return ReactivateRow(seen.id, left > 0, [])


async def _reactivate(making: Change, connection: Connection, user: UserId, sight: Sight) -> int:
    """How many suspensions are left, of those that the actor sees: what is out of sight is neither told nor counted."""
    found = await concerned(making, connection, user)
    open_ = (await open_suspensions(connection, [user])).get(user, ())
    current = await _seen(making, connection, [one.id for one in found.person.assignments], sight)
    fitting = [one for one in open_ if one.assignment is None or one.assignment in current]
    if not fitting:
        text = "Neither the account nor a current role of hers is suspended."
        raise refused("user", "NOT_SUSPENDED", "accounts-5", text, "Nothing is to be done.")
    lifted, refusals = 0, list[Refusal]()
    for one in fitting:
        verdict = may_lift(found.actor, found.recipient, _judged(one), making.asking.packs)
        if verdict.refusal is not None or verdict.under is None:
            refusals += [verdict.refusal] if verdict.refusal else []
            continue
        await _lift(making, connection, one, found.recipient)
        await making.audit(
            connection, _target(one), verdict.under, before={"user": str(user), "status": "suspended"},
            after={"suspension": str(one.id)},
        )  # fmt: skip
        lifted += 1
    if not lifted:
        raise RefusedChangeError([user_error(refusals[0])])
    await making.tell(connection, [user])
    return len(fitting) - lifted


async def _seen(
    making: Change, connection: Connection, assignments: list[AssignmentId], sight: Sight
) -> set[AssignmentId]:
    """Those of the assignments that the actor may see."""
    rows = await assignments_by_ids(connection, assignments)
    return {one for one, row in rows.items() if holds(making.caller, sight.assignment, subject_of(row, making.asking))}


async def _lift(making: Change, connection: Connection, one: SuspensionRecord, recipient: Recipient) -> None:
    now, by = making.asking.clock.now, making.caller.user
    if one.assignment is None:
        status = await lift_account(connection, one.user, now, by)
        if status is not UserStatus.INVITED:
            await making.mail(connection, "account-reactivated", one.user)
        return
    await lift_assignment(connection, one.assignment, now, by)
    where = next((held.organization.id for held in recipient.assignments if held.id == one.assignment), None)
    if where is not None:
        await making.mail(connection, "account-reactivated", one.user, organization=where)


def _judged(one: SuspensionRecord) -> Suspension:
    author = Author(one.author, one.under) if one.author is not None and one.under is not None else None
    concerned_ = frozenset[AssignmentId]() if one.assignment is None else frozenset({one.assignment})
    return Suspension(author, one.assignment is None, concerned_, by_review=one.why == BY_REVIEW)


def _target(one: SuspensionRecord) -> Target:
    return Target("user", str(one.user)) if one.assignment is None else Target("role_assignment", str(one.assignment))
