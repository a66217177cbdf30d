"""The viewer: the person who asks, her roles, and what the active one gives."""

from dataclasses import dataclass

from policy.caller import PersonCaller
from policy.grant import ActiveRole
from policy.ids import UserId
from resolvers import programs
from resolvers.asking import Asking
from resolvers.grants import GrantRow, WithheldRow, grant_rows, withheld_rows
from resolvers.programs import RoleRow
from store.access_version import AccessVersion


@dataclass(frozen=True, slots=True)
class ViewerRow:
    caller: PersonCaller

    @property
    def id(self) -> UserId:
        return self.caller.user

    @property
    def access_version(self) -> str:
        return AccessVersion(self.caller.version).text


@dataclass(frozen=True, slots=True)
class ActingRow:
    program: str
    school_year: str | None
    role: RoleRow | None


def of_caller(asking: Asking) -> ViewerRow | None:
    return ViewerRow(asking.caller) if isinstance(asking.caller, PersonCaller) else None


def active_role(asking: Asking, viewer: ViewerRow) -> ActingRow | None:
    return _acting(asking, viewer.caller.active) if viewer.caller.active else None


def roles(asking: Asking, viewer: ViewerRow) -> list[ActingRow]:
    """Every role under which she could act; under a token those that give something in its systems."""
    return [_acting(asking, role) for role in viewer.caller.roles]


def grants(asking: Asking, viewer: ViewerRow) -> list[GrantRow]:
    return grant_rows(viewer.caller.access.grants, asking.systems)


def withheld(asking: Asking, viewer: ViewerRow) -> list[WithheldRow]:
    return withheld_rows(viewer.caller.access.withheld, asking.systems)


def _acting(asking: Asking, role: ActiveRole) -> ActingRow:
    return ActingRow(role.program, role.school_year, programs.role(asking, role.program, role.role, role.school_year))
