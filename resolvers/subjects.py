"""A row as the access rules see it: its record's places and owner, and what SELF means where nobody owns it."""

from dataclasses import replace

from policy.access import Subject
from policy.caller import PersonCaller
from policy.ids import GroupId, OrganizationId
from resolvers.access_changes import AccessChangeRow
from resolvers.asking import Asking
from store.records import (
    AssignmentRecord,
    CredentialRecord,
    OrganizationRecord,
    StudentGroupRecord,
    UserRecord,
)


def subject_of(row: object, asking: Asking) -> Subject:
    """The subject that a row is to the rules. A row of another kind has no places: only `@public` fields fit it."""
    match row:
        case OrganizationRecord():
            return _owned(row.subject, asking, mine=row.id in own_organizations(asking))
        case StudentGroupRecord():
            return _owned(row.subject, asking, mine=row.id in own_groups(asking))
        case AssignmentRecord() if asking.systems is not None and not row.in_own_systems:
            return replace(row.subject, owner=None)  # through a token one's own roles are cut to its systems as well
        case UserRecord() | AssignmentRecord() | CredentialRecord():
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


def _owned(subject: Subject, asking: Asking, *, mine: bool) -> Subject:
    caller = asking.caller
    return replace(subject, owner=caller.user) if mine and isinstance(caller, PersonCaller) else subject
