"""The audit trail as it is read: everything for the state's own roles, and to everybody what she did herself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from policy.access import AnyOf, Subject, holds
from policy.caller import PersonCaller
from policy.ids import UserId
from resolvers.asking import Asking
from resolvers.pages import Listing, page_request
from resolvers.refusals import bad_input
from store.audit import Outcome
from store.audit_reading import AuditRecord, AuditSought, audit_page, count_audit
from store.records import Count, Page

__all__ = ["AuditRow", "AuditSought", "ChangedRow", "Outcome", "PersonalRow", "page", "personal"]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One thing that an event names, before and after; None: it wasn't there."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PersonalRow:
    user: UserId
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An event. Names of others than the reader stand in it for the state's own roles alone."""

    record: AuditRecord
    id: str
    at: datetime
    actor_id: UserId | None
    actor_name: str | None
    actor_client: str | None
    acting_under: str | None
    operator_reason: str | None
    action: str
    denied: bool
    target_type: str
    target_id: str
    subject_id: UserId | None
    subject_name: str | None
    organization_id: UUID | None
    changes: list[ChangedRow]
    rule: str | None
    reason: str | None
    request_id: str | None


async def page(
    asking: Asking, sought: AuditSought | None, everything: AnyOf, first: int | None, after: str | None
) -> Listing[AuditRow]:
    """`sought`: None where an id was given that can't be one. `everything`: the rule of whoever reads it all."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller):
        raise bad_input("The audit trail is read by people, in their own session.")
    request = page_request(first, after)
    whole = holds(caller, everything, Subject())
    if sought is not None and not whole:
        sought = None if sought.actor not in (None, caller.user) else replace(sought, actor=caller.user)
    if sought is None:
        return Listing(Page((), (), has_next=False, has_previous=False), _nothing)
    found = await asking.reads.run(partial(audit_page, sought=sought, request=request))
    rows = tuple(_row(one, None if whole else caller.user) for one in found.rows)
    shown = Page(rows, found.cursors, has_next=found.has_next, has_previous=found.has_previous)
    return Listing(shown, lambda: asking.reads.run(partial(count_audit, sought=sought)))


async def personal(asking: Asking, row: AuditRow) -> list[PersonalRow]:
    """What was told of persons, decrypted; nothing of those who were erased."""
    sealed = row.record.sealed_personal
    if not sealed:
        return []
    (opened,) = await asking.reads.run(partial(asking.personal_keys.open, many=[sealed]))
    return [
        PersonalRow(user, name, value)
        for user, fields in sorted(opened.items())
        for name, value in sorted(fields.items())
    ]


async def _nothing() -> Count:
    return Count(0, 0)


def _row(one: AuditRecord, reader: UserId | None) -> AuditRow:
    def name(person: UserId | None, text: str | None) -> str | None:
        return text if reader is None or person == reader else None

    return AuditRow(
        one, str(one.id), one.at, one.actor, name(one.actor, one.actor_name), one.actor_client, one.acting_under,
        one.operator_reason, one.action, one.outcome == Outcome.DENIED, one.target_type, one.target_id, one.subject,
        name(one.subject, one.subject_name), one.organization, _changes(one), one.rule, one.reason, one.request_id,
    )  # fmt: skip


def _changes(one: AuditRecord) -> list[ChangedRow]:
    names = sorted({*one.before, *one.after})
    return [ChangedRow(name, _text(one.before, name), _text(one.after, name)) for name in names]


def _text(values: Mapping[str, object], name: str) -> str | None:
    value = values.get(name)
    return value if value is None or isinstance(value, str) else json.dumps(value, sort_keys=True)
