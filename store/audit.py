"""The audit trail: who did what to what, under which role, written in the transaction of the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Ids and codes only: a name, an address or a student's number must never stand in `before` or `after`.

    `action` is the operation's name; `target_type` and `target_id` say what it was done to; `acting_under` is
    "program/role". An event of an operator has `operator_reason`, one of a system has `actor_client`.
    """

    action: str
    target_type: str
    target_id: str
    outcome: Outcome = Outcome.ALLOWED
    actor: UserId | None = None
    actor_client: str | None = None
    acting_under: str | None = None
    operator_reason: str | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    rule: str | None = None
    reason: str | None = None
    request_id: str | None = None


async def record(connection: Connection, event: AuditEvent) -> None:
    """Add the event. A denied attempt is recorded in a transaction of its own, which the caller opens."""
    await connection.execute(
        statements("audit")["record"],
        event.actor, event.actor_client, event.acting_under, event.operator_reason, event.action, event.outcome.value,
        event.target_type, event.target_id, _json(event.before), _json(event.after),
        event.rule, event.reason, event.request_id,
    )  # fmt: skip


def _json(values: Mapping[str, object] | None) -> dict[str, object] | None:
    return None if values is None else dict(values)
