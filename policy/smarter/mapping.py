"""What the Smarter Balanced components know, and which of their roles a program's role becomes: data with a basis."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, System
from policy.smarter.levels import Tier


class Over(StrEnum):
    """What a permission of a component opens, and therefore how far the grant behind it must reach."""

    ORGANIZATION = "organization"
    """Everything at the chain's entity and below it."""
    GROUPS = "groups"
    """The person's student groups there."""
    ITEMS = "items"
    """What the system has assigned to the person there."""
    DOOR = "door"
    """Nothing that lies at a place: the system is opened."""


@dataclass(frozen=True, slots=True)
class Need:
    """A permission of the packs without which a permission of a component would be wider than the person's access."""

    permission: Permission
    over: Over
    assessments: frozenset[str] = frozenset()
    """Kinds of assessment that the component shows with it: the grant must cover each."""


@dataclass(frozen=True, slots=True)
class ComponentPermission:
    name: str
    needs: tuple[Need, ...] = ()
    never: str = ""
    """Why no permission of a pack can stand for it; such a permission is never given."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A permission that a component adds by itself to whoever has another one at these levels."""

    permission: ComponentPermission
    because: str
    tiers: frozenset[Tier]
    says: Permission
    """What a cell gives where it says so; a row of a role that lacks it states it as different from the cell."""


@dataclass(frozen=True, slots=True)
class ComponentRole:
    """A role as a component knows it."""

    name: str
    permissions: tuple[ComponentPermission, ...]
    tiers: frozenset[Tier]
    """Levels at which the component takes it."""
    derived: tuple[Derived, ...] = ()
    """What the component adds to it."""

    def added_at(self, tier: Tier) -> tuple[Derived, ...]:
        return tuple(one for one in self.derived if tier in one.tiers)


@dataclass(frozen=True, slots=True)
class Component:
    code: str
    name: str
    """Under which it asks the permission service."""
    system: System
    permissions: Mapping[str, ComponentPermission]
    roles: Mapping[str, ComponentRole]


@dataclass(frozen=True, slots=True)
class Emitted:
    """What a role becomes in one component."""

    roles: tuple[ComponentRole, ...]
    basis: str
    differs: str = ""
    """Where the component can't say what the cell says: what was decided, and why."""


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A role of a program held at a level, and what it becomes by component code."""

    program: ProgramCode
    role: RoleSlug
    tier: Tier
    components: Mapping[str, Emitted]


@dataclass(frozen=True, slots=True)
class RoleMapping:
    """All components and rows. A role without a row becomes nothing."""

    components: Mapping[str, Component]
    from_years: Mapping[ProgramCode, SchoolYear]
    """The first school year for which a program's rows hold."""
    rows: tuple[MappingRow, ...]
    _index: Mapping[tuple[str, str, Tier], MappingRow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {(row.program, row.role, row.tier): row for row in self.rows}
        object.__setattr__(self, "_index", MappingProxyType(index))

    def row(
        self, program: ProgramCode, role: RoleSlug, tier: Tier, school_year: SchoolYear | None
    ) -> MappingRow | None:
        """The row that holds for a role in a school year; None: the role becomes nothing."""
        first = self.from_years.get(program)
        if first is None or school_year is None or school_year < first:
            return None
        return self._index.get((program, role, tier))

    def components_of(self, systems: Iterable[System]) -> tuple[Component, ...]:
        """The components that run as one of the systems."""
        wanted = frozenset(systems)
        return tuple(one for one in self.components.values() if one.system in wanted)
