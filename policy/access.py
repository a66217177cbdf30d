"""The rules behind the schema's `@access` directive: may this caller see this row, and which rows in a list."""

from dataclasses import dataclass, replace
from enum import StrEnum

from policy.caller import Anonymous, Caller, PersonCaller, SystemCaller
from policy.grant import Grant
from policy.ids import GroupId, Permission, System, UserId
from policy.pack import Reach
from policy.reach import EVERYTHING, NOTHING, Place, Visible, covers, merge, visible


class AccessTarget(StrEnum):
    SELF = "SELF"
    THIS = "THIS"
    USERS_ORGANIZATIONS = "USERS_ORGANIZATIONS"
    ASSIGNMENT_ORGANIZATION = "ASSIGNMENT_ORGANIZATION"
    GROUP_ORGANIZATION = "GROUP_ORGANIZATION"
    OWN_SYSTEM = "OWN_SYSTEM"
    STATE = "STATE"


class AccessMatch(StrEnum):
    ANY = "ANY"
    """One of the row's places within reach."""
    ALL = "ALL"
    """Every one of them."""


PEOPLE = frozenset({AccessTarget.USERS_ORGANIZATIONS, AccessTarget.ASSIGNMENT_ORGANIZATION})
"""Targets that are about people: through a relying party's token these are cut to its systems as well."""


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One way to be allowed. `permission` is None with SELF only."""

    permission: Permission | None
    of: AccessTarget = AccessTarget.THIS
    match: AccessMatch = AccessMatch.ANY


AnyOf = tuple[AccessRule, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A row as the rules see it.

    `owner`: the person whose own it is. `places`: where it lies. `in_own_systems`: whether it concerns an active grant
    in one of the calling system's (or relying party's) systems.
    """

    owner: UserId | None = None
    places: tuple[Place, ...] = ()
    in_own_systems: bool = False
    group: GroupId | None = None


@dataclass(frozen=True, slots=True)
class RowFilter:
    """`holds` as data. A row passes when it is `own`; or inside `visible` and, with `own_systems`, of one of them."""

    visible: Visible = NOTHING
    own: UserId | None = None
    own_systems: frozenset[System] | None = None


def may_ever(caller: Caller, any_of: AnyOf) -> bool:
    """Whether there could be a row at all for which the rules hold."""
    return any(_may_ever(caller, rule) for rule in any_of)


def _may_ever(caller: Caller, rule: AccessRule) -> bool:
    match caller:
        case Anonymous():
            return False
        case SystemCaller():
            return rule.of is AccessTarget.OWN_SYSTEM
        case PersonCaller():
            if rule.of is AccessTarget.SELF:
                return True
            if rule.permission is None or rule.of is AccessTarget.OWN_SYSTEM:
                return False
            grants = caller.access.of(rule.permission)
            if rule.of is AccessTarget.STATE:
                return any(grant.reach is Reach.STATE for grant in grants)
            return bool(grants)


def holds(caller: Caller, any_of: AnyOf, subject: Subject) -> bool:
    """Whether the rules hold for this row: one of them suffices."""
    return any(_holds(caller, rule, subject) for rule in any_of)


def _holds(caller: Caller, rule: AccessRule, subject: Subject) -> bool:
    match caller:
        case Anonymous():
            return False
        case SystemCaller():
            return rule.of is AccessTarget.OWN_SYSTEM and subject.in_own_systems
        case PersonCaller():
            if rule.of is AccessTarget.SELF:
                return subject.owner == caller.user
            if rule.permission is None or rule.of is AccessTarget.OWN_SYSTEM:
                return False
            return _reached(caller, rule, rule.permission, subject)


def _reached(caller: PersonCaller, rule: AccessRule, permission: Permission, subject: Subject) -> bool:
    if rule.of in PEOPLE and caller.systems is not None and not subject.in_own_systems:
        return False
    grants = caller.access.of(permission)
    if rule.of is AccessTarget.STATE:
        return any(grant.reach is Reach.STATE for grant in grants)
    answering = [_about(rule.of, grant) for grant in grants if grant.answers(None, None)]
    if rule.of is AccessTarget.GROUP_ORGANIZATION and any(subject.group in grant.groups for grant in answering):
        return True
    reached = [any(covers(grant, place) for grant in answering) for place in subject.places]
    return bool(reached) and (all(reached) if rule.match is AccessMatch.ALL else any(reached))


def _about(of: AccessTarget, grant: Grant) -> Grant:
    """An organization has no role: a permission that is narrowed to people of certain roles shows where they are."""
    return replace(grant, about_roles=frozenset()) if of is AccessTarget.THIS and grant.about_roles else grant


def row_filter(caller: Caller, any_of: AnyOf) -> RowFilter:
    """The rows of a list for which the rules hold, as data; `ALL` and STATE rules name no rows and are refused.

    Raises ValueError for a rule that can't be a row filter: a list's rule is written with the schema, not by callers.
    """
    if any(rule.match is AccessMatch.ALL for rule in any_of):
        raise ValueError("A list can't be filtered by a rule that matches ALL places.")
    match caller:
        case Anonymous():
            return RowFilter()
        case SystemCaller():
            own = any(rule.of is AccessTarget.OWN_SYSTEM for rule in any_of)
            return RowFilter(EVERYTHING, own_systems=caller.systems) if own else RowFilter()
        case PersonCaller():
            return _of_person(caller, any_of)


def _of_person(caller: PersonCaller, any_of: AnyOf) -> RowFilter:
    seen = [_rows(caller, rule) for rule in any_of]
    reach = Visible(
        merge(one for part in seen for one in part.ranges), frozenset(g for part in seen for g in part.groups)
    )
    own = caller.user if any(rule.of is AccessTarget.SELF for rule in any_of) else None
    people = any(rule.of in PEOPLE for rule in any_of)
    return RowFilter(reach, own, caller.systems if people else None)


def _rows(caller: PersonCaller, rule: AccessRule) -> Visible:
    if rule.permission is None or rule.of in (AccessTarget.SELF, AccessTarget.OWN_SYSTEM):
        return Visible()
    if rule.of is AccessTarget.STATE:
        return EVERYTHING if _may_ever(caller, rule) else Visible()
    grants = [_about(rule.of, grant) for grant in caller.access.of(rule.permission)]
    found = visible(grants, rule.permission)
    return found if rule.of is AccessTarget.GROUP_ORGANIZATION else Visible(found.ranges)
