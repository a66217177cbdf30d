"""The registry of program packs: which version of which pack counts in a school year."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear
from policy.pack import Cell, GrantSpec, Pack, PermissionTerm, Role

RoleSpecs = tuple[tuple[Cell, GrantSpec], ...]


class Packs:
    """Immutable; a changed pack means a new registry."""

    def __init__(self, vocabulary: Mapping[Permission, PermissionTerm], packs: Iterable[Pack]) -> None:
        self.vocabulary: Mapping[Permission, PermissionTerm] = MappingProxyType(dict(vocabulary))
        self._versions: dict[ProgramCode, list[Pack]] = {}
        for pack in sorted(packs, key=lambda pack: pack.from_year or ""):
            self._versions.setdefault(pack.program, []).append(pack)
        self._specs: dict[tuple[int, RoleSlug], RoleSpecs] = {}
        self._kinds: dict[tuple[int, Permission], frozenset[str]] = {}
        for pack in self.all():
            self._index(pack)

    def _index(self, pack: Pack) -> None:
        kinds: dict[Permission, frozenset[str]] = {}
        for role in pack.roles:
            self._specs[id(pack), role] = pack.grants_of(role)
        for cell in pack.cells:
            for spec in cell.grants:
                kinds[spec.permission] = kinds.get(spec.permission, frozenset()) | spec.assessments
        for permission, known in kinds.items():
            self._kinds[id(pack), permission] = known

    def all(self) -> tuple[Pack, ...]:
        """Every version of every pack, ordered by program and first year."""
        return tuple(pack for program in self.programs() for pack in self._versions[program])

    def programs(self) -> tuple[ProgramCode, ...]:
        return tuple(sorted(self._versions))

    def at(self, program: ProgramCode, school_year: SchoolYear | None) -> Pack | None:
        """The version that counts in that year; a pack that is not tied to a year counts always."""
        for pack in reversed(self._versions.get(program, [])):
            if pack.from_year is None:
                return pack
            if school_year is None or pack.from_year > school_year:
                continue
            return pack if pack.last_year is None or school_year <= pack.last_year else None
        return None

    def role(self, program: ProgramCode, role: RoleSlug, school_year: SchoolYear | None) -> Role | None:
        pack = self.at(program, school_year)
        return pack.roles.get(role) if pack else None

    def specs(self, pack: Pack, role: RoleSlug) -> RoleSpecs:
        """Each permission that a role of a registered pack is given, with the cell that gives it."""
        return self._specs.get((id(pack), role), ())

    def kinds(self, pack: Pack, permission: Permission) -> frozenset[str]:
        """The kinds of assessment for which any role of the pack is given the permission."""
        return self._kinds.get((id(pack), permission), frozenset())
