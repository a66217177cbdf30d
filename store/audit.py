"""The audit trail: who did what to what, under which role, written in the transaction of the change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Protocol
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection
from store.personal_data import Personal, PersonalKeys
from store.statements import statements

_COLUMNS = (
    "actor_id", "actor_client", "acting_under", "operator_reason", "action", "outcome", "target_type", "target_id",
    "before", "after", "rule", "reason", "request_id", "subject_id", "organization_id", "personal",
)  # fmt: skip
_AT_ONCE = 20_000


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"


class Actor(Protocol):
    """Whoever made a change: a person under a role, or the operator with a reason."""

    @property
    def actor(self) -> UserId | None: ...
    @property
    def acting_under(self) -> str | None: ...
    @property
    def operator_reason(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Ids and codes only: a name, an address or a student's number must never stand in `before` or `after`.

    `action` is the operation's name; `target_type` and `target_id` say what it was done to; `acting_under` is
    "program/role". An event of an operator has `operator_reason`, one of a system has `actor_client`, one of a person
    through a relying party has both of hers and the party's (`actor_client`). Names, addresses
    and numbers of persons go into `personal` alone, which is encrypted with each person's own key.
    `subject` and `organization` are whom and where it concerns; left out, they are the target itself, else the `user`
    and `organization` that `after` or `before` names.
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
    personal: Personal = field(default_factory=dict[UserId, Mapping[str, str]], repr=False)
    subject: UUID | None = None
    organization: UUID | None = None


async def record(connection: Connection, event: AuditEvent, keys: PersonalKeys | None = None) -> None:
    """Add the event. A denied attempt is recorded in a transaction of its own, which the caller opens.

    `keys` are needed where it has personal data (ValueError else).
    """
    (values,) = await _values(connection, (event,), keys)
    await connection.execute(statements("audit")["record"], *values)


async def record_many(connection: Connection, events: Iterable[AuditEvent], keys: PersonalKeys | None = None) -> int:
    """Add events of one transaction, in their order, however many: memory stays flat. Returns how many there were."""
    remaining = iter(events)
    await connection.execute(statements("audit")["begin_many"])
    total = 0
    while some := tuple(islice(remaining, _AT_ONCE)):
        records = await _values(connection, some, keys)
        await connection.copy_records_to_table("audit_events", records=records, columns=_COLUMNS)
        total += len(some)
    return total


async def record_derived_roles(connection: Connection, action: str, by: Actor, import_id: UUID) -> None:
    """An event for each role that the transaction gave or took as the directory says, in one statement."""
    await connection.execute(
        statements("audit")["record_derived"], by.actor, by.acting_under, by.operator_reason, action, str(import_id)
    )


async def _values(
    connection: Connection, events: Sequence[AuditEvent], keys: PersonalKeys | None
) -> Iterator[tuple[object, ...]]:
    if any(event.personal for event in events):
        if keys is None:
            raise ValueError("An audit event with personal data needs the keys of persons.")
        sealed = await keys.seal(connection, [event.personal for event in events])
    else:
        sealed = [None] * len(events)
    return map(_row, events, sealed)


def _row(event: AuditEvent, personal: dict[str, str] | None) -> tuple[object, ...]:
    return (
        event.actor, event.actor_client, event.acting_under, event.operator_reason, event.action, event.outcome.value,
        event.target_type, event.target_id, _json(event.before), _json(event.after), event.rule, event.reason,
        event.request_id, event.subject or _named(event, "user"), event.organization or _named(event, "organization"),
        personal,
    )  # fmt: skip


def _named(event: AuditEvent, kind: str) -> UUID | None:
    """The id of the person or organization that the event names, where it names one."""
    if event.target_type == kind:
        return _uuid(event.target_id)
    found = (event.after or {}).get(kind) or (event.before or {}).get(kind)
    return found if isinstance(found, UUID) else _uuid(found)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _json(values: Mapping[str, object] | None) -> dict[str, object] | None:
    return None if values is None else dict(values)
