"""What needs a second person: asked for by one, confirmed or withdrawn by confirmRequest and withdrawRequest."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf, Subject, holds
from policy.ids import UserId
from resolvers import targets
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.step_up import step_up_missing
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.second_confirmations import (
    AlreadyAskedError,
    ConfirmationKind,
    Decided,
    PendingConfirmation,
    ask_for_confirmation,
    decide_confirmation,
    lock_confirmation,
    pending_confirmations,
)

__all__ = ["AskedRow", "ConfirmationKind", "DecidedRow", "PendingConfirmation", "ask", "confirm", "pending", "withdraw"]

CONFIRM, WITHDRAW = "confirmRequest", "withdrawRequest"
LIFE: Final = timedelta(days=7)
Rules = Mapping[ConfirmationKind, AnyOf]
"""Who may ask for and confirm each kind."""
Work = Callable[[Change, Connection, PendingConfirmation], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AskedRow:
    request: UUID | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class DecidedRow:
    decided: UUID | None
    user_errors: list[UserError]


async def ask(
    making: Change,
    kind: ConfirmationKind,
    user: UserId | None,
    detail: Mapping[str, str],
    reason: str | None,
    check: Callable[[Connection], Awaitable[None]],
) -> AskedRow:
    """Nothing is done yet. `check` raises RefusedChangeError where it could never be carried out."""
    now = making.asking.clock.now
    request = PendingConfirmation(making.id, kind, user, detail, making.caller.user, now, now + LIFE)

    async def work(connection: Connection) -> None:
        await check(connection)
        await queue_request(making, connection, request, reason)

    try:
        await making.carry_out(_target(request), work)
    except RefusedChangeError as error:
        return AskedRow(None, error.errors)
    return AskedRow(request.id, [])


async def queue_request(
    making: Change, connection: Connection, request: PendingConfirmation, reason: str | None
) -> None:
    """Keep and audit the request. Raises RefusedChangeError where it is there already."""
    try:
        await ask_for_confirmation(connection, request)
    except AlreadyAskedError as error:
        raise refused("", "ASKED_ALREADY", "state", str(error), "Ask a second person to confirm it.") from error
    personal = {request.user: {"reason": reason}} if reason and request.user else None
    codes = {key: text for key, text in request.detail.items() if key != "basis"}
    await making.audit(
        connection, _target(request), None, after={"request": str(request.id), **codes}, personal=personal,
        reason=None if request.user else reason,
    )  # fmt: skip


async def pending(asking: Asking, rules: Rules) -> list[PendingConfirmation]:
    """Those that the caller may confirm or withdraw."""
    kinds = [kind for kind, rule in rules.items() if holds(asking.caller, rule, Subject())]
    return await asking.reads.run(partial(pending_confirmations, kinds=kinds, now=asking.clock.now))


async def confirm(
    asking: Asking, request: UUID | None, rule: AnyOf, rules: Rules, works: Mapping[ConfirmationKind, Work]
) -> DecidedRow:
    """Carries it out, in one transaction. Raises RefusedError NOT_FOUND."""
    making = change(asking, CONFIRM, rule)

    async def work(connection: Connection) -> None:
        found = await _locked(making, connection, request, rules)
        if making.caller.user in (found.asked_by, found.user):
            text = "A second person confirms this: neither who asked for it nor whom it concerns."
            raise refused("request", "OWN_REQUEST", "state", text, "Ask another one who may.")
        missing = step_up_missing(making.caller, asking.clock, second_step=asking.accounts.second_step_required)
        if missing is not None:
            raise RefusedChangeError([missing])
        now = asking.clock.now
        await decide_confirmation(connection, found.id, making.caller.user, now, Decided.CONFIRMED)
        await making.audit(connection, Target("request", str(found.id)), None, after={"kind": found.kind.value})
        await works[found.kind](making, connection, found)

    return await _decided(making, request, work)


async def withdraw(asking: Asking, request: UUID | None, rule: AnyOf, rules: Rules) -> DecidedRow:
    """By anybody who could confirm it, or who asked. Raises RefusedError NOT_FOUND."""
    making = change(asking, WITHDRAW, rule)

    async def work(connection: Connection) -> None:
        found = await _locked(making, connection, request, rules)
        await decide_confirmation(connection, found.id, making.caller.user, asking.clock.now, Decided.WITHDRAWN)
        await making.audit(connection, Target("request", str(found.id)), None, after={"kind": found.kind.value})

    return await _decided(making, request, work)


async def _decided(making: Change, request: UUID | None, work: Callable[[Connection], Awaitable[None]]) -> DecidedRow:
    try:
        await making.carry_out(Target("request", str(request)), work)
    except RefusedChangeError as error:
        return DecidedRow(None, error.errors)
    return DecidedRow(request, [])


async def _locked(making: Change, connection: Connection, request: UUID | None, rules: Rules) -> PendingConfirmation:
    found = await lock_confirmation(connection, request, making.asking.clock.now) if request else None
    if found is None or not holds(making.caller, rules[found.kind], Subject()):
        raise targets.missing("request")
    return found


def _target(request: PendingConfirmation) -> Target:
    return Target("user", str(request.user)) if request.user else Target("request", str(request.id))
