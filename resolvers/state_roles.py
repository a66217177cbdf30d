"""grantStateRole, removeStateRole, confirmStateRole: the state's own roles, each with a second administrator."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.facts import UserStatus
from policy.ids import AssignmentId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import Pack
from resolvers import targets
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.confirmations import AskedRow, ask
from resolvers.everybody import acting_under
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.administrators import is_last_administrator, state_organization
from store.assignments import NewAssignment, delete_assignments, insert_assignment
from store.database import Connection
from store.recipients import lock_users
from store.second_confirmations import ConfirmationKind, PendingConfirmation
from store.state_roles import StateRole, clear_expired, confirm_state_role, held_by, lock_state_role, state_roles
from store.users import user_by_id

__all__ = ["ConfirmedRow", "StateRole", "StateRoleAsked", "confirm", "grant", "held", "remove"]

GRANT, REMOVE, CONFIRM = "grantStateRole", "removeStateRole", "confirmStateRole"


@dataclass(frozen=True, slots=True)
class StateRoleAsked:
    user: UUID | None
    role: RoleSlug
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmedRow:
    confirmed: AssignmentId | None
    user_errors: list[UserError]


async def grant(asking: Asking, asked: StateRoleAsked, rule: AnyOf, sight: Sight) -> AskedRow:
    """Asks for it; a second administrator confirms. Raises RefusedError NOT_FOUND for a person out of reach."""
    making = change(asking, GRANT, rule)
    seen = await targets.user(asking, sight, asked.user)

    async def check(connection: Connection) -> None:
        pack = pack_of(making, asked.role)
        await _check_grant(making, connection, seen.id, pack.program, asked.role)

    return await ask(making, ConfirmationKind.GRANT_STATE_ROLE, seen.id, {"role": asked.role}, asked.reason, check)


async def remove(asking: Asking, asked: StateRoleAsked, rule: AnyOf, sight: Sight) -> AskedRow:
    making = change(asking, REMOVE, rule)
    seen = await targets.user(asking, sight, asked.user)

    async def check(connection: Connection) -> None:
        pack = pack_of(making, asked.role)
        await _check_removal(making, connection, seen.id, pack, asked.role)

    return await ask(making, ConfirmationKind.REMOVE_STATE_ROLE, seen.id, {"role": asked.role}, asked.reason, check)


async def carry_out_grant(making: Change, connection: Connection, pending: PendingConfirmation) -> None:
    """Once a second administrator has confirmed it, in that transaction."""
    role = RoleSlug(pending.detail["role"])
    pack, user = pack_of(making, role), _person(pending)
    await lock_users(connection, [user])
    await _check_grant(making, connection, user, pack.program, role)
    root = await state_organization(connection)
    if root is None:
        raise refused("request", "NO_STATE", None, "The state has no organization yet.", "Import the directory first.")
    await clear_expired(connection, user, pack.program, role)
    new = NewAssignment(
        AssignmentId(making.asking.new_id()), user, pack.program, role, SchoolYear(""), root,
        assigned_at=making.asking.clock.now, assigned_by=pending.asked_by, assigned_under=acting_under(making),
    )  # fmt: skip
    await insert_assignment(connection, new)
    await confirm_state_role(connection, new.id, making.caller.user, new.assigned_at)
    after = {"user": str(user), "program": pack.program, "role": role, "asked_by": str(pending.asked_by)}
    await making.audit(connection, Target("role_assignment", str(new.id)), None, after=after)
    await making.mail(
        connection, "role-assigned", user, program=pack.program, role=role, organization=root, school_year=""
    )
    await making.tell(connection, {user})


async def carry_out_removal(making: Change, connection: Connection, pending: PendingConfirmation) -> None:
    role = RoleSlug(pending.detail["role"])
    pack, user = pack_of(making, role), _person(pending)
    await lock_users(connection, [user])
    held_id, root = await _check_removal(making, connection, user, pack, role), await state_organization(connection)
    await delete_assignments(connection, [held_id])
    before = {"user": str(user), "program": pack.program, "role": role, "asked_by": str(pending.asked_by)}
    await making.audit(connection, Target("role_assignment", str(held_id)), None, before=before)
    if root is not None:
        await making.mail(
            connection, "role-removed", user, program=pack.program, role=role, organization=root, school_year=""
        )
    await making.tell(connection, {user})


async def confirm(asking: Asking, assignment: UUID | None, rule: AnyOf) -> ConfirmedRow:
    """The yearly look: somebody else still needs her role. Raises RefusedError NOT_FOUND."""
    making = change(asking, CONFIRM, rule)
    if assignment is None:
        raise targets.missing("state role")
    target = Target("role_assignment", str(assignment))
    try:
        await making.carry_out(target, partial(_confirm, making, assignment))
    except RefusedChangeError as error:
        return ConfirmedRow(None, error.errors)
    return ConfirmedRow(AssignmentId(assignment), [])


async def held(asking: Asking) -> list[StateRole]:
    return await asking.reads.run(partial(state_roles, programs=state_programs(asking)))


def state_programs(asking: Asking) -> list[ProgramCode]:
    """The packs whose roles reach into every program."""
    return [pack.program for pack in asking.packs.all() if pack.every_program]


def pack_of(making: Change, role: RoleSlug) -> Pack:
    """Raises RefusedChangeError for a role that the state's own pack doesn't have."""
    for pack in making.asking.packs.all():
        if pack.every_program and role in pack.roles:
            return pack
    raise refused("role", "UNKNOWN_ROLE", "state", f"{role!r} is none of the state's own roles.", "Choose one of them.")


async def _confirm(making: Change, assignment: UUID, connection: Connection) -> None:
    found = await lock_state_role(connection, assignment, state_programs(making.asking))
    if found is None:
        raise targets.missing("state role")
    identifier, user, role = found
    if user == making.caller.user:
        raise refused(
            "assignment", "OWN_ASSIGNMENT", "state", "Nobody confirms her own role.", "Another administrator does it."
        )
    now = making.asking.clock.now
    await confirm_state_role(connection, identifier, making.caller.user, now)
    await making.audit(
        connection, Target("role_assignment", str(identifier)), None,
        after={"user": str(user), "role": role, "confirmed": now.date().isoformat()},
    )  # fmt: skip


async def _check_grant(
    making: Change, connection: Connection, user: UserId, program: ProgramCode, role: RoleSlug
) -> None:
    if user == making.caller.user:
        raise refused("user", "OWN_ASSIGNMENT", "state", "Nobody gives herself a role.", "Another administrator does.")
    found = await user_by_id(connection, user)
    if found is None or found.status not in (UserStatus.ACTIVE, UserStatus.INVITED):
        raise refused("user", "NOT_ACTIVE", "state", "The account isn't active.", "Have it made active first.")
    if await held_by(connection, user, program, role) is not None:
        raise refused("role", "HELD_ALREADY", "state", "She holds this role already.", "Nothing is to be done.")


async def _check_removal(
    making: Change, connection: Connection, user: UserId, pack: Pack, role: RoleSlug
) -> AssignmentId:
    """Her assignment. The last active administrator stays: nobody could make another."""
    found = await held_by(connection, user, pack.program, role)
    if found is None:
        raise refused("role", "NOT_HELD", "state", "She doesn't hold this role.", "Look at her roles again.")
    highest = min(pack.roles.values(), key=lambda one: one.rank).slug
    if role == highest and await is_last_administrator(connection, user, making.asking.packs):
        text = "She is the last active one who holds this role, so it can't be taken away."
        raise refused("user", "LAST_ADMINISTRATOR", "state", text, "Give it to somebody else first.")
    return found


def _person(pending: PendingConfirmation) -> UserId:
    if pending.user is None:
        raise ValueError("A state role is given to a person.")
    return pending.user
