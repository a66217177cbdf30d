"""What every change of a person's own passkeys asks first: a fresh proof, as sure as what is being changed."""

from hashlib import sha256
from typing import Final

from policy.accounts import AccountAction, account_refusal
from policy.facts import UserStatus
from policy.second_step import AAL2
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.step_up import step_up_missing
from resolvers.writing import Change, RefusedChangeError
from store.database import Connection
from store.factors import has_factor
from store.recipients import lock_users
from store.records import UserRecord
from store.users import user_by_id

LONGEST_NAME: Final = 60
DEFAULT_NAME: Final = "Passkey"


async def own_record(
    making: Change, connection: Connection, path: str = "passkey", what: str = "passkeys"
) -> UserRecord:
    """The person, locked, once it is sure that it is she. Raises RefusedChangeError, which names `path` and `what`.

    A session left open isn't enough, nor the password alone where there is a factor already: it would be a way around
    it. A session that an LEA's own provider vouched for reaches no further than that LEA, and a passkey would.
    """
    missing = step_up_missing(making.caller, making.asking.clock)
    if missing is not None:
        raise RefusedChangeError([missing])
    if making.caller.lea is not None:
        text = f"You came through your district's sign-in, which doesn't manage {what} here."
        raise refused(path, "DISTRICT_SESSION", None, text, "Sign in with your password here, then repeat it.")
    user = making.caller.user
    await lock_users(connection, [user])
    record = await user_by_id(connection, user)
    refusal = account_refusal(record.status if record else UserStatus.DELETED, AccountAction.CHANGE_OWN)
    if record is None or refusal is not None:
        raise refused(path, "NOT_ACTIVE", "accounts-5", "The account isn't active.", "Ask your coordinator.")
    if making.caller.acr != AAL2 and await has_factor(connection, user):
        text = "You have a second step, and signed in without it."
        raise refused(path, "SECOND_STEP", None, text, "Sign in with your second step, then repeat it.")
    return record


def random_bytes(asking: Asking) -> bytes:
    """32 of them: a challenge, a handle."""
    return sha256(asking.new_token().encode()).digest()


def name_of(typed: str) -> str:
    """What the person calls it, on one line; where she typed nothing, `Passkey`."""
    seen = "".join(one if one.isprintable() else " " for one in typed)
    return " ".join(seen.split())[:LONGEST_NAME].strip() or DEFAULT_NAME
