"""Reading the audit trail: keyset pages from the newest event back, narrowed by what an event names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.ids import UserId
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.records import Count, Page

_KIND = "audit events"


@dataclass(frozen=True, slots=True)
class AuditSought:
    """All that is given must hold. `since` is inclusive, `until` is not."""

    actor: UUID | None = None
    subject: UUID | None = None
    organization: UUID | None = None
    action: str | None = None
    outcome: str | None = None
    target_type: str | None = None
    target_id: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event as it is stored; names are today's, and None for who was erased. `sealed_personal`: encrypted."""

    id: int
    at: datetime
    actor: UserId | None
    actor_name: str | None
    actor_client: str | None
    acting_under: str | None
    operator_reason: str | None
    action: str
    outcome: str
    target_type: str
    target_id: str
    subject: UserId | None
    subject_name: str | None
    organization: UUID | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    rule: str | None
    reason: str | None
    request_id: str | None
    sealed_personal: Mapping[str, str] | None = field(repr=False)


async def audit_page(connection: Connection, sought: AuditSought, request: PageRequest) -> Page[AuditRecord]:
    """The newest first. Raises PageRefusedError."""
    parameters = Parameters()
    wanted = _wanted(parameters, sought)
    if request.after is not None:
        (last,) = read_cursor(_KIND, 1, request.after)
        wanted = f"{wanted} and {fill('audit_reading', 'behind', value=parameters.add(int(last), 'bigint'))}"
    text = fill("audit_reading", "page", wanted=wanted, limit=parameters.add(request.first + 1, "int"))
    return page_of(await connection.fetch(text, *parameters.values), request, _record, _cursor)


async def count_audit(connection: Connection, sought: AuditSought) -> Count:
    parameters = Parameters()
    wanted = _wanted(parameters, sought)
    text = fill("audit_reading", "count", wanted=wanted, limit=parameters.add(COUNTED_EXACTLY + 1, "int"))
    return count_of(await connection.fetchval(text, *parameters.values))


def _wanted(parameters: Parameters, sought: AuditSought) -> str:
    columns = (
        ("e.actor_id", sought.actor, "uuid"), ("e.subject_id", sought.subject, "uuid"),
        ("e.organization_id", sought.organization, "uuid"), ("e.action", sought.action, "text"),
        ("e.outcome", sought.outcome, "text"), ("e.target_type", sought.target_type, "text"),
        ("e.target_id", sought.target_id, "text"), ("e.request_id", sought.request_id, "text"),
    )  # fmt: skip
    parts = [fill("audit_reading", "everything")]
    parts += [
        fill("audit_reading", "narrowed", column=column, value=parameters.add(value, kind))
        for column, value, kind in columns
        if value is not None
    ]
    if sought.since is not None:
        parts.append(fill("audit_reading", "since", value=parameters.add(sought.since, "timestamptz")))
    if sought.until is not None:
        parts.append(fill("audit_reading", "until", value=parameters.add(sought.until, "timestamptz")))
    return " and ".join(parts)


def _cursor(row: Row) -> str:
    return write_cursor(_KIND, str(row["id"]))


def _record(row: Row) -> AuditRecord:
    return AuditRecord(
        id=row["id"],
        at=row["at"],
        actor=row["actor_id"],
        actor_name=row["actor_name"],
        actor_client=row["actor_client"],
        acting_under=row["acting_under"],
        operator_reason=row["operator_reason"],
        action=row["action"],
        outcome=row["outcome"],
        target_type=row["target_type"],
        target_id=row["target_id"],
        subject=row["subject_id"],
        subject_name=row["subject_name"],
        organization=row["organization_id"],
        before=row["before"] or {},
        after=row["after"] or {},
        rule=row["rule"],
        reason=row["reason"],
        request_id=row["request_id"],
        sealed_personal=row["personal"],
    )
