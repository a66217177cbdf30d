"""The viewer: the person who asks, her roles, and what the active one gives."""

from dataclasses import dataclass

from policy.caller import PersonCaller
from policy.grant import ActiveRole
from policy.ids import OrganizationId, UserId
from resolvers import programs
from resolvers.asking import Asking
from resolvers.grants import GrantRow, WithheldRow, grant_rows, withheld_rows
from resolvers.programs import RoleRow
from store.access_version import AccessVersion

MOST_PLACES = 50
"""Organizations of a role that are listed to choose from."""


@dataclass(frozen=True, slots=True)
class ViewerRow:
    caller: PersonCaller

    @property
    def id(self) -> UserId:
        return self.caller.user

    @property
    def active_at(self) -> list[OrganizationId]:
        """Where she holds the active role, also those to which she hasn't narrowed it."""
        return list(self.caller.active_at[:MOST_PLACES])

    @property
    def narrowed_to(self) -> OrganizationId | None:
        return self.caller.place

    @property
    def access_version(self) -> str:
        return AccessVersion(self.caller.version).text


@dataclass(frozen=True, slots=True)
class ActingRow:
    program: str
    school_year: str | None
    role: RoleRow | None
    context: str


def of_caller(asking: Asking) -> ViewerRow | None:
    return ViewerRow(asking.caller) if isinstance(asking.caller, PersonCaller) else None


def active_role(asking: Asking, viewer: ViewerRow) -> ActingRow | None:
    return acting_row(asking, viewer.caller.active) if viewer.caller.active else None


def roles(asking: Asking, viewer: ViewerRow) -> list[ActingRow]:
    """Every role under which she could act; under a token those that give something in its systems."""
    return [acting_row(asking, role) for role in viewer.caller.roles]


def grants(asking: Asking, viewer: ViewerRow) -> list[GrantRow]:
    return grant_rows(viewer.caller.access.grants, asking.systems)


def withheld(asking: Asking, viewer: ViewerRow) -> list[WithheldRow]:
    """In a session of every role, also of those that can't be the active one; through a token of the acting one."""
    caller = viewer.caller
    return withheld_rows(caller.access.withheld if caller.session is None else caller.withheld, asking.systems)


def acting_row(asking: Asking, role: ActiveRole) -> ActingRow:
    """The role as answers show it."""
    found = programs.role(asking, role.program, role.role, role.school_year)
    return ActingRow(role.program, role.school_year, found, role.text)
