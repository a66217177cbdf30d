"""A row as the access rules see it: its places and owner, and what SELF means where nobody owns it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from policy.access import Subject
from policy.caller import PersonCaller
from resolvers.access_changes import AccessChangeRow
from resolvers.asking import Asking
from resolvers.rows import MappedRow
from resolvers.uploads.records import ProgressRow, UploadRow
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
        case UploadRow() | ProgressRow():
            return Subject(owner=row.owner if asking.systems is None else None)
        case _:
            return Subject()


def _seen_by(asking: Asking, rows: Rows, identifier: UUID, subject: Subject) -> Subject:
    """With what is the caller's own by other facts than the row's."""
    caller = asking.caller
    if rows is Rows.ASSIGNMENTS and asking.systems is not None and not subject.in_own_systems:
        return replace(subject, owner=None)  # through a token one's own roles are cut to its systems as well
    if not isinstance(caller, PersonCaller):
        return subject
    own: Mapping[Rows, Collection[UUID]] = {
        Rows.ORGANIZATIONS: caller.own_organizations,  # also where a role gives nothing: she may see where she holds it
        Rows.GROUPS: caller.own_groups,
    }
    return replace(subject, owner=caller.user) if identifier in own.get(rows, ()) else subject
