"""What changes of an account share: the person, locked, the actor with the access of all her roles, and refusals."""

from dataclasses import dataclass

from policy.access import AnyOf
from policy.accounts import AccountAction, account_refusal
from policy.delegation import Actor, Recipient, Verdict
from policy.facts import Assignment, Person, UserStatus
from policy.ids import UserId
from policy.session_limits import access_in_session
from resolvers import targets
from resolvers.refusals import Code, RefusedError
from resolvers.writing import Change, RefusedChangeError, UserError, user_error
from store.database import Connection
from store.people import load_people
from store.recipients import lock_users
from store.records import UserRecord
from store.users import user_by_id


@dataclass(frozen=True, slots=True)
class Concerned:
    """A person whose account changes, as she is now that nobody else can change her."""

    person: Person
    record: UserRecord
    actor: Actor
    """With the access of all roles of whoever acts: identity needs every program (decisions, accounts 3)."""

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.person.id, self.person.status, self.person.assignments)


async def concerned(making: Change, connection: Connection, user: UserId, rule: AnyOf | None = None) -> Concerned:
    """Raises RefusedError NOT_FOUND when the account is gone. `rule`: its permissions count, not the change's.

    All roles of whoever acts are looked at, so a token, which has one of them, is refused: FORBIDDEN.
    """
    if not making.caller.may_write:
        raise RefusedError(Code.FORBIDDEN, f"{making.action} is carried out in a person's own session only.")
    await lock_users(connection, [user])
    people = await load_people(connection, {user, making.caller.user})
    record = await user_by_id(connection, user)
    found, own = people.get(user), people.get(making.caller.user)
    if found is None or own is None or record is None or found.person.status is UserStatus.DELETED:
        raise targets.missing("person")
    asking = making.asking
    access = access_in_session(
        own.person, making.caller, asking.packs, asking.years, asking.clock.today,
        required=asking.accounts.second_step_required,
    )  # fmt: skip
    permissions = making.permissions
    if rule is not None:
        permissions = tuple(one.permission for one in rule if one.permission is not None)
    return Concerned(found.person, record, Actor(own.person.id, access, permissions, making.caller.roles))


def entitled(verdict: Verdict, *path: str) -> Assignment:
    """The assignment under which the actor may. Raises RefusedChangeError."""
    if verdict.refusal is not None or verdict.under is None:
        refusal = verdict.refusal
        if refusal is None:
            raise ValueError("A verdict allows under an assignment, or says why not.")
        raise RefusedChangeError([user_error(refusal, *path)])
    return verdict.under


def check_own(found: Concerned) -> None:
    """Raises RefusedChangeError where the state of a person's account lets her change nothing of it herself."""
    refusal = account_refusal(found.person.status, AccountAction.CHANGE_OWN)
    if refusal is not None:
        raise refused("user", refusal.code, refusal.rule, refusal.message, refusal.remedy)


def check_version(expected: int, found: int) -> None:
    """Raises RefusedChangeError when somebody else has changed it since it was read."""
    if expected != found:
        raise refused("expectedVersion", "CHANGED", None, "It was changed since you read it.", "Reload and try again.")


def refused(field: str, code: str, rule: str | None, message: str, remedy: str) -> RefusedChangeError:
    return RefusedChangeError([UserError(["input", field], code, rule, message, remedy)])
