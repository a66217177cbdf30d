"""Attempts at a change that ended before it began: without the permission, or at what isn't within reach."""

from policy.caller import PersonCaller, SystemCaller
from resolvers.asking import Asking
from resolvers.refusals import Code
from store.audit import AuditEvent, Outcome, record
from store.database import Connection

RECORDED = frozenset({Code.FORBIDDEN, Code.NOT_FOUND})


async def record_attempt(asking: Asking, action: str, code: Code) -> None:
    """The attempt in the audit, in a transaction of its own; nobody unknown is recorded."""
    caller = asking.caller
    if code not in RECORDED or not isinstance(caller, PersonCaller | SystemCaller):
        return
    event = AuditEvent(
        action,
        "mutation",
        action,
        Outcome.DENIED,
        actor=caller.user if isinstance(caller, PersonCaller) else None,
        actor_client=caller.client_id if isinstance(caller, SystemCaller) else None,
        reason=code.value,
        request_id=asking.request_id or None,
    )

    async def transaction(connection: Connection) -> None:
        async with connection.transaction():
            await record(connection, event)

    await asking.reads.run(transaction)
