"""deleteUser: the account ends, its roles in the same transaction; its data is erased after the state's retention."""

from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import IdentityOperation, may_change_identity
from policy.facts import UserStatus
from policy.ids import UserId
from resolvers import targets
from resolvers.account_changes import check_version, concerned, entitled
from resolvers.asking import Asking
from resolvers.person_changes import change_person
from resolvers.released import release
from resolvers.succession import Departed, succeed
from resolvers.targets import Sight
from resolvers.writing import Change, Target, UserError
from store.account_links import EMAIL_LINKS, close_links
from store.database import Connection
from store.deletion import delete_account
from store.email_changes import cancel_email_changes
from store.sessions import finish_everything

ACTION = "deleteUser"


@dataclass(frozen=True, slots=True)
class DeleteUserAsked:
    user: UUID | None
    expected_version: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteUserRow:
    deleted: UserId | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, asked: DeleteUserAsked, rule: AnyOf, sight: Sight) -> DeleteUserRow:
    """Raises RefusedError NOT_FOUND for a person out of reach."""

    async def delete(making: Change, connection: Connection, user: UserId) -> None:
        await _delete(making, connection, user, asked)

    row = await change_person(asking, ACTION, rule, sight, asked.user, delete)
    return DeleteUserRow(row.user, row.user_errors)


async def _delete(making: Change, connection: Connection, user: UserId, asked: DeleteUserAsked) -> None:
    found = await concerned(making, connection, user)
    asking = making.asking
    verdict = may_change_identity(found.actor, found.recipient, IdentityOperation.DELETE, asking.packs)
    under = entitled(verdict)
    check_version(asked.expected_version, found.record.version)
    now = asking.clock.now
    address = await delete_account(connection, user, now, now + asking.accounts.kept_after_deletion)
    if address is None:
        raise targets.missing("person")
    await release(asking.accounts, connection, address, user, now)
    await cancel_email_changes(connection, user, now)
    await close_links(connection, user, now, EMAIL_LINKS)
    await finish_everything(connection, user, now, "deleted")
    await _record(making, connection, found.person.status, user, asked.reason)
    for one in found.person.assignments:
        before = {
            "user": str(user), "program": one.program, "role": one.role, "school_year": one.school_year,
            "organization": str(one.organization.id), "primary": one.primary,
        }  # fmt: skip
        await making.audit(connection, Target("role_assignment", str(one.id)), under, before=before)
    departed = [Departed(user, one) for one in found.person.assignments]
    await making.tell(connection, {user, *await succeed(making, connection, departed)})


async def _record(making: Change, connection: Connection, before: UserStatus, user: UserId, reason: str | None) -> None:
    await making.audit(
        connection, Target("user", str(user)), None, before={"status": before.value},
        after={"status": UserStatus.DELETED.value}, personal={user: {"reason": reason}} if reason else None,
    )  # fmt: skip
