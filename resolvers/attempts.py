"""Attempts at a change that ended before it began: without the permission, or at what isn't within reach."""

import re
from collections.abc import Iterable

from policy.caller import PersonCaller, SystemCaller
from resolvers.asking import Asking
from resolvers.refusals import Code
from store.audit import AuditEvent, Outcome, record
from store.database import Connection

RECORDED = frozenset({Code.FORBIDDEN, Code.NOT_FOUND})
MOST_NAMED = 20
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


async def record_attempt(asking: Asking, action: str, code: Code, named: Iterable[str] = ()) -> None:
    """The attempt in the audit, in a transaction of its own; nobody unknown is recorded.

    `named`: what was sent; the ids among it say whom or what it was about, and nothing else of it is kept.
    """
    caller = asking.caller
    if code not in RECORDED or not isinstance(caller, PersonCaller | SystemCaller):
        return
    ids = sorted({text.lower() for text in named if _ID.fullmatch(text)})[:MOST_NAMED]
    event = AuditEvent(
        action,
        "mutation",
        action,
        Outcome.DENIED,
        actor=caller.user if isinstance(caller, PersonCaller) else None,
        actor_client=caller.client_id if isinstance(caller, SystemCaller) else caller.managing_by,
        acting_under=acting_under(caller) if isinstance(caller, PersonCaller) else None,
        after={"named": ids} if ids else None,
        reason=code.value,
        request_id=asking.request_id or None,
    )

    async def transaction(connection: Connection) -> None:
        async with connection.transaction():
            await record(connection, event)

    await asking.reads.run(transaction)


def acting_under(caller: PersonCaller) -> str | None:
    """What a refused attempt was made under: the active role, where one was chosen."""
    return f"{caller.active.program}/{caller.active.role}" if caller.active else None
