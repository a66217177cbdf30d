"""The audit trail: who did what to whom, under which role, by which rule, and what was refused."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from policy.access import AccessTarget as Target
from policy.who_could import Period
from resolvers import audit_events, daily_counts, who_could
from resolvers.audit_events import AuditRow, AuditSought, Outcome, PersonalRow
from resolvers.daily_counts import CountRecord
from resolvers.pages import Listing
from resolvers.references import read_id
from resolvers.who_could import CouldRow, Rules
from schema.asked import Info, answered, reading
from schema.connections import After, Connection, First
from schema.decisions import Check, StudentRef
from schema.directives import PUBLIC, access, any_of, rule
from schema.references import OrganizationRef
from schema.rules import SELF, USERS_VIEW
from schema.sizes import listed
from schema.words import Level, Permission

STATE_AUDIT = "hallpass:state:audit"
STATE_PRIVACY = "hallpass:state:privacy"

READ_WHOLE_AUDIT = access(rule(STATE_AUDIT, Target.STATE))
READ_AUDIT = access(SELF, rule(STATE_AUDIT, Target.STATE))
"""Everything for the state's auditor and privacy officer; to everybody else what she did herself."""
READ_PERSONAL = access(rule(STATE_PRIVACY, Target.STATE))
"""Addresses and numbers are no business of an auditor."""

ASK_WHO_COULD = access(rule(STATE_AUDIT, Target.STATE), rule(USERS_VIEW, Target.THIS))
WHO_COULD = Rules(
    whole=any_of(READ_WHOLE_AUDIT),
    here=any_of(access(rule(USERS_VIEW, Target.THIS))),
    role=any_of(access(rule(USERS_VIEW, Target.ASSIGNMENT_ORGANIZATION))),
)
"""Everybody for whoever reads the whole audit; else about places within reach, and the roles that she may see."""


async def _personal(info: Info, root: strawberry.Parent[AuditRow]) -> list[PersonalRow]:
    return await audit_events.personal(info.context, root)


@strawberry.type(directives=[PUBLIC], description="One thing that an event names, before and after.")
class AuditChange:
    field: str | None
    before: str | None
    after: str | None


@strawberry.type(directives=[PUBLIC], description="What was told of a person. It is reached by a guarded list only.")
class AuditPersonal:
    user: strawberry.ID | None
    field: str | None
    value: str | None


@strawberry.type(
    directives=[PUBLIC], description="A change, or an attempt that was refused. It is reached by a guarded list only."
)
class AuditEvent:
    id: strawberry.ID
    at: datetime | None
    actor_id: strawberry.ID | None = strawberry.field(description="The person; null for operators and systems.")
    actor_name: str | None
    actor_client: str | None = strawberry.field(description="The system that did it, or through which the person did.")
    acting_under: str | None = strawberry.field(description="program/role")
    operator_reason: str | None = strawberry.field(description="What the host's operator gave as the reason.")
    action: str | None
    denied: bool | None
    target_type: str | None
    target_id: str | None
    subject_id: strawberry.ID | None = strawberry.field(description="The person whom it concerns.")
    subject_name: str | None
    organization_id: strawberry.ID | None
    changes: list[AuditChange] | None = listed(10, description="Ids and codes, before and after.")
    rule: str | None = strawberry.field(description="The number of the rule that refused it.")
    reason: str | None
    request_id: str | None
    personal: list[AuditPersonal] | None = answered(
        _personal, READ_PERSONAL, size=5, description="Names and addresses; gone for whoever was erased."
    )


@strawberry.input(description="What the audit trail is narrowed to; all that is given must hold.")
class AuditFilter:
    actor: strawberry.ID | None = reading("AuditEvent.actorId")
    subject: strawberry.ID | None = reading("AuditEvent.subjectId")
    organization: strawberry.ID | None = reading("AuditEvent.organizationId")
    action: str | None = reading("AuditEvent.action")
    denied: bool | None = reading("AuditEvent.denied")
    target_type: str | None = reading("AuditEvent.targetType")
    target_id: str | None = reading("AuditEvent.targetId")
    request_id: str | None = reading("AuditEvent.requestId")
    since: datetime | None = reading("AuditEvent.at", description="From this moment on.")
    until: datetime | None = reading("AuditEvent.at", description="Before this moment.")

    def read(self) -> AuditSought | None:
        """None: an id is none, so that nothing has it."""
        ids = {"actor": self.actor, "subject": self.subject, "organization": self.organization}
        found = {name: read_id(text) for name, text in ids.items() if text}
        if None in found.values():
            return None
        outcome = None
        if isinstance(self.denied, bool):
            outcome = Outcome.DENIED if self.denied else Outcome.ALLOWED
        return AuditSought(
            **found, action=self.action or None, outcome=outcome, target_type=self.target_type or None,
            target_id=self.target_id or None, request_id=self.request_id or None, since=self.since or None,
            until=self.until or None,
        )  # fmt: skip


async def _events(
    info: Info,
    filter: AuditFilter | None = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Listing[AuditRow]:
    sought = filter.read() if filter else AuditSought()
    return await audit_events.page(info.context, sought, any_of(READ_WHOLE_AUDIT), first, after)


@strawberry.type(
    directives=[PUBLIC], description="A role by which somebody could see it. It is reached by a guarded list only."
)
class CouldSee:
    user_id: strawberry.ID | None
    person_name: str | None
    program: str | None
    role: str | None
    school_year: str | None
    level: Level | None
    code: str | None = strawberry.field(description="Of the organization where the role is held.")
    organization_name: str | None
    permissions: list[Permission] | None
    since: datetime | None
    until: datetime | None


async def _who_could(
    info: Info,
    since: datetime,
    until: datetime,
    organization: OrganizationRef | None = strawberry.UNSET,
    student_group: strawberry.ID | None = strawberry.UNSET,
    student: StudentRef | None = strawberry.UNSET,
    permission: Permission | None = strawberry.UNSET,
) -> list[CouldRow]:
    check = Check(permission=permission, organization=organization, student_group=student_group, student=student).read()
    return await who_could.who_could(info.context, check, Period(since, until), WHO_COULD)


@strawberry.type(
    directives=[PUBLIC],
    description="So many people, from the one day to the other. It is reached by a guarded list only.",
)
class DailyCount:
    kind: str | None = strawberry.field(description="role or system")
    program: str | None
    school_year: str | None
    name: str | None = strawberry.field(description="Which role or system.")
    from_day: date | None
    to_day: date | None
    people: int | None


async def _counts(info: Info, organization: OrganizationRef, since: date, until: date) -> list[CountRecord]:
    asked = organization.read()
    return await daily_counts.counts(info.context, asked, since, until, any_of(READ_WHOLE_AUDIT), WHO_COULD.here)


@strawberry.type
class AuditQueries:
    audit_events: Connection[AuditEvent] | None = answered(
        _events, READ_AUDIT, description="The newest first. Who may not read all of it sees what she did herself."
    )
    who_could_see: list[CouldSee] | None = answered(
        _who_could,
        ASK_WHO_COULD,
        size=200,
        description="Whose role reached an organization, a student group or a student, by which permissions, from when "
        "to when. Coordinators are told of roles within their reach.",
    )
    daily_counts: list[DailyCount] | None = answered(
        _counts,
        ASK_WHO_COULD,
        size=200,
        description="How many people held each role, and had each system, at the organization and below it.",
    )
