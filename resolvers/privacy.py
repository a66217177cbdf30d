"""exportPersonalData and erasePerson: what is kept of one person is handed out, or destroyed for good."""

import json
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.facts import UserStatus
from policy.ids import UserId
from resolvers import targets
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.confirmations import AskedRow, ask
from resolvers.everybody import acting_under
from resolvers.released import release
from resolvers.step_up import step_up_missing
from resolvers.succession import Departed, succeed
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.account_links import EMAIL_LINKS, close_links
from store.administrators import is_last_administrator
from store.database import Connection
from store.deletion import delete_account, erase_person
from store.email_changes import cancel_email_changes
from store.people import load_people
from store.personal_data import erase_personal_key
from store.personal_export import personal_export
from store.recipients import lock_users
from store.second_confirmations import ConfirmationKind, PendingConfirmation
from store.sessions import finish_everything
from store.users import user_by_id

EXPORT, ERASE = "exportPersonalData", "erasePerson"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """`document`: one JSON object; None where it was refused."""

    document: str | None
    user_errors: list[UserError]


async def export(asking: Asking, user: UUID | None, rule: AnyOf, sight: Sight) -> ExportRow:
    """Audited. Raises RefusedError NOT_FOUND."""
    making = change(asking, EXPORT, rule)
    seen = await targets.user(asking, sight, user)
    try:
        document = await making.carry_out(Target("user", str(seen.id)), partial(_export, making, seen.id))
    except RefusedChangeError as error:
        return ExportRow(None, error.errors)
    return ExportRow(document, [])


async def erase(asking: Asking, user: UUID | None, reason: str, rule: AnyOf, sight: Sight) -> AskedRow:
    """Asks for it; a second person confirms. Raises RefusedError NOT_FOUND."""
    making = change(asking, ERASE, rule)
    seen = await targets.user(asking, sight, user)

    async def check(connection: Connection) -> None:
        if not reason.strip():
            raise refused("reason", "REASON_MISSING", "state", "It says why she is erased.", "Type the reason.")
        await _check(making, connection, seen.id)

    return await ask(making, ConfirmationKind.ERASE_PERSON, seen.id, {}, reason.strip(), check)


async def carry_out_erasure(making: Change, connection: Connection, pending: PendingConfirmation) -> None:
    """Everything at once: account, roles, sessions, and the key to what the audit tells of her. Ids stay."""
    user, asking = pending.user, making.asking
    if user is None:
        raise ValueError("A person is erased.")
    now = asking.clock.now
    await lock_users(connection, [user])
    await _check(making, connection, user)
    people = await load_people(connection, {user})
    held = people[user].person.assignments if user in people else ()
    address = await delete_account(connection, user, now, now)
    if address is not None:
        await release(asking.accounts, connection, address, user, now)
    await cancel_email_changes(connection, user, now)
    await close_links(connection, user, now, EMAIL_LINKS)
    await finish_everything(connection, user, now, "deleted")
    await erase_person(connection, user, now)
    after = {"status": UserStatus.DELETED.value, "asked_by": str(pending.asked_by)}
    await making.audit(connection, Target("user", str(user)), None, after={**after, "under": acting_under(making)})
    for one in held:
        before = {
            "user": str(user), "program": one.program, "role": one.role, "school_year": one.school_year,
            "organization": str(one.organization.id), "primary": one.primary,
        }  # fmt: skip
        await making.audit(connection, Target("role_assignment", str(one.id)), None, before=before)
    await erase_personal_key(connection, user, now)
    await making.tell(connection, {user, *await succeed(making, connection, [Departed(user, one) for one in held])})


async def _export(making: Change, user: UserId, connection: Connection) -> str:
    asking = making.asking
    missing = step_up_missing(making.caller, asking.clock, second_step=asking.accounts.second_step_required)
    if missing is not None:
        raise RefusedChangeError([missing])
    found = await personal_export(connection, user, making.asking.personal_keys)
    await making.audit(connection, Target("user", str(user)), None, after={"under": acting_under(making)})
    return json.dumps(found, ensure_ascii=False, sort_keys=True, default=str)


async def _check(making: Change, connection: Connection, user: UserId) -> None:
    if user == making.caller.user:
        raise refused("user", "OWN_ACCOUNT", "state", "Nobody erases herself.", "Another one does it.")
    if await user_by_id(connection, user) is None:
        raise targets.missing("person")
    if await is_last_administrator(connection, user, making.asking.packs):
        text = "She is the last active state administrator."
        raise refused("user", "LAST_ADMINISTRATOR", "state", text, "Give the role to somebody else first.")
