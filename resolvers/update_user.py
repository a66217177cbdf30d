"""updateUser: name, phone and fax of a person whose every role the actor manages; one's own numbers (accounts 3)."""

from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import IdentityOperation, Verdict, may_change_identity
from policy.ids import UserId
from resolvers.account_changes import Concerned, check_own, check_version, concerned, entitled, refused
from resolvers.addresses import name_problems
from resolvers.asking import Asking
from resolvers.person_changes import UserRow, change_person
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target
from store.database import Connection
from store.records import UserRecord
from store.users import PersonData, update_user

ACTION = "updateUser"
_FIELDS = ("first_name", "last_name", "phone", "fax")


@dataclass(frozen=True, slots=True)
class UpdateUserAsked:
    """Fields that aren't in `given` stay as they are."""

    user: UUID | None
    given: dict[str, str | None]
    """Of first_name, last_name, phone, fax."""
    expected_version: int


async def carry_out(asking: Asking, asked: UpdateUserAsked, rule: AnyOf, sight: Sight) -> UserRow:
    """Raises RefusedError NOT_FOUND for a person out of reach."""

    async def update(making: Change, connection: Connection, user: UserId) -> None:
        await _update(making, connection, user, asked)

    return await change_person(asking, ACTION, rule, sight, asked.user, update)


async def _update(making: Change, connection: Connection, user: UserId, asked: UpdateUserAsked) -> None:
    found = await concerned(making, connection, user)
    data = _merged(found.record, asked.given)
    under = _own(making, found, data) if user == making.caller.user else entitled(_by_another(making, found))
    check_version(asked.expected_version, found.record.version)
    errors = list(name_problems(data.first_name, data.last_name, data.phone, data.fax))
    if errors:
        raise RefusedChangeError(errors)
    old = {name: getattr(found.record, name) or "" for name in _FIELDS}
    new = {name: getattr(data, name) or "" for name in _FIELDS}
    changed = [name for name in _FIELDS if old[name] != new[name]]
    if not changed:
        return
    await update_user(connection, user, data, asked.expected_version)
    personal = {name: new[name] for name in changed} | {f"{name}_before": old[name] for name in changed}
    await making.audit(
        connection, Target("user", str(user)), under, after={"fields": changed}, personal={user: personal}
    )


def _by_another(making: Change, found: Concerned) -> Verdict:
    return may_change_identity(found.actor, found.recipient, IdentityOperation.EDIT, making.asking.packs)


def _own(making: Change, found: Concerned, data: PersonData) -> None:
    """One's own numbers; never one's name: it is what others know her by (accounts 3)."""
    check_own(found)
    for name, path in (("first_name", "firstName"), ("last_name", "lastName")):
        if getattr(data, name) != getattr(found.record, name):
            text = "Nobody changes her own name; phone and fax she does."
            raise refused(path, "OWN_NAME", "accounts-3", text, "Ask a coordinator who manages all of your roles.")


def _merged(record: UserRecord, given: dict[str, str | None]) -> PersonData:
    return PersonData(
        given.get("first_name", record.first_name) or "",
        given.get("last_name", record.last_name) or "",
        given.get("phone", record.phone) or None,
        given.get("fax", record.fax) or None,
    )
