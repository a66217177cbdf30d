"""A row as the access rules see it: its places and owner, and what SELF means where nobody owns it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from policy.access import Subject
from policy.caller import PersonCaller
from policy.ids import GroupId, OrganizationId
from resolvers.access_changes import AccessChangeRow
from resolvers.asking import Asking
from resolvers.rows import MappedRow
from store.records import (
    AssignmentRecord,
    CredentialRecord,
    OrganizationRecord,
    StudentGroupRecord,
    UserRecord,
)
from store.tables import Rows

_ROWS: Final[Mapping[type, Rows]] = {
    UserRecord: Rows.USERS,
    OrganizationRecord: Rows.ORGANIZATIONS,
    AssignmentRecord: Rows.ASSIGNMENTS,
    StudentGroupRecord: Rows.GROUPS,
}


def subject_of(row: object, asking: Asking) -> Subject:
    """The subject that a row is to the rules. A row of another kind has no places: only `@public` fields fit it."""
    match row:
        case MappedRow():
            return _seen_by(asking, row.table.rows, row.id, row.subject)
        case UserRecord() | OrganizationRecord() | AssignmentRecord() | StudentGroupRecord():
            return _seen_by(asking, _ROWS[type(row)], row.id, row.subject)
        case CredentialRecord():
            return row.subject
        case AccessChangeRow():
            return row.audience.subject(asking)
        case _:
            return Subject()


def own_organizations(asking: Asking) -> frozenset[OrganizationId]:
    """Where the caller holds or held a role herself, also one that gives nothing: she may see where."""
    return asking.caller.own_organizations if isinstance(asking.caller, PersonCaller) else frozenset()


def own_groups(asking: Asking) -> frozenset[GroupId]:
    """The student groups that are assigned to the caller where her active role counts."""
    return asking.caller.own_groups if isinstance(asking.caller, PersonCaller) else frozenset()


def _seen_by(asking: Asking, rows: Rows, identifier: UUID, subject: Subject) -> Subject:
    """With what is the caller's own by other facts than the row's."""
    match rows:
        case Rows.ORGANIZATIONS:
            return _owned(subject, asking, mine=identifier in own_organizations(asking))
        case Rows.GROUPS:
            return _owned(subject, asking, mine=identifier in own_groups(asking))
        case Rows.ASSIGNMENTS if asking.systems is not None and not subject.in_own_systems:
            return replace(subject, owner=None)  # through a token one's own roles are cut to its systems as well
        case _:
            return subject


def _owned(subject: Subject, asking: Asking, *, mine: bool) -> Subject:
    caller = asking.caller
    return replace(subject, owner=caller.user) if mine and isinstance(caller, PersonCaller) else subject
