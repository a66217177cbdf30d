"""releaseAddress: the help desk gives out an address that somebody else had (decisions, accounts 4)."""

from dataclasses import dataclass
from functools import partial

from policy.access import AnyOf
from resolvers.account_changes import refused
from resolvers.addresses import email_problems
from resolvers.asking import Asking
from resolvers.everybody import acting_under
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.keys_of import email_key
from store.released_addresses import unblock_address

ACTION = "releaseAddress"


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    released: bool
    user_errors: list[UserError]


async def release(asking: Asking, email: str, rule: AnyOf) -> ReleasedRow:
    """Audited by the address's hash; the address itself is kept nowhere."""
    making = change(asking, ACTION, rule)
    hashed = asking.accounts.address_hash(email_key(email))
    try:
        await making.carry_out(Target("address", hashed.hex()), partial(_release, making, email, hashed))
    except RefusedChangeError as error:
        return ReleasedRow(released=False, user_errors=error.errors)
    return ReleasedRow(released=True, user_errors=[])


async def _release(making: Change, email: str, hashed: bytes, connection: Connection) -> None:
    problems = list(email_problems(email, None))
    if problems:
        raise RefusedChangeError(problems)
    owners = await unblock_address(connection, hashed, making.asking.clock.now)
    if not owners:
        raise refused("email", "NOT_BLOCKED", "accounts-4", "This address isn't blocked.", "Use it as any other.")
    await making.audit(
        connection, Target("address", hashed.hex()), None, before={"users": [str(one) for one in owners]},
        after={"under": acting_under(making)},
    )  # fmt: skip
