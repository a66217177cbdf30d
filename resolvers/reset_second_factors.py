"""resetSecondFactors: for somebody who lost them all; confirmed from the address on file, a day later (accounts 3)."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import IdentityOperation, may_change_identity
from policy.facts import Assignment
from policy.ids import UserId
from resolvers.account_changes import concerned, entitled, refused
from resolvers.asking import Asking
from resolvers.person_changes import UserRow, change_person
from resolvers.step_up import step_up_missing
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target
from store.account_links import FACTOR_LINKS, close_links
from store.database import Connection
from store.factor_resets import FactorReset, begin_factor_reset, readdressed_at
from store.factors import has_factor
from store.outbox import enqueue

ACTION: Final = "resetSecondFactors"
JOB: Final = "factor-reset"
"""The job that applies a reset whose day has come; its payload is the reset's id."""
WAITS: Final = timedelta(hours=24)
"""The person is told at once, and nothing happens for so long."""
_LAPSES: Final = timedelta(days=2)
SETTLED: Final = timedelta(days=30)
"""So long an address that others changed confirms nothing: else the two resets together would take an account over."""


async def carry_out(asking: Asking, user: UUID | None, rule: AnyOf, sight: Sight) -> UserRow:
    """Raises RefusedError NOT_FOUND for a person out of reach."""
    return await change_person(asking, ACTION, rule, sight, user, _request)


async def _request(making: Change, connection: Connection, user: UserId) -> None:
    """A request made anew takes the place of the open one, with a day and a confirmation of its own."""
    found = await concerned(making, connection, user)
    operation = IdentityOperation.RESET_SECOND_FACTOR
    under = entitled(may_change_identity(found.actor, found.recipient, operation, making.asking.packs))
    missing = step_up_missing(making.caller, making.asking.clock)
    if missing is not None:
        raise RefusedChangeError([missing])
    if not await has_factor(connection, user):
        text = "This person has no second step that could be removed."
        raise refused("user", "NO_FACTOR", "accounts-3", text, "Reset the password if that is what was lost.")
    await _check_address(making, connection, user, under)
    now = making.asking.clock.now
    new = FactorReset(making.asking.new_id(), user, making.caller.user, now, now + WAITS, now + _LAPSES)
    await close_links(connection, user, now, FACTOR_LINKS)
    await begin_factor_reset(connection, new)
    await making.audit(connection, Target("user", str(user)), under, after={"reset": str(new.id)})
    await making.mail(connection, "second-factors-reset", user, reset=new.id)
    await enqueue(connection, JOB, new.id.bytes, delay=WAITS)


async def _check_address(making: Change, connection: Connection, user: UserId, under: Assignment) -> None:
    """The state's own help desk has looked at the person some other way."""
    pack = making.asking.packs.at(under.program, under.school_year or None)
    changed = await readdressed_at(connection, user)
    if changed is None or making.asking.clock.now - changed > SETTLED or (pack is not None and pack.every_program):
        return
    until = (changed + SETTLED).date().isoformat()
    text = "The person's e-mail address was changed by somebody else a short time ago, so it can't confirm this yet."
    raise refused("user", "ADDRESS_NEW", "accounts-3", text, f"Ask the state's help desk, or wait until {until}.")
