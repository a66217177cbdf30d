"""The permission service: roles, components, permissions and levels, spelled as SmarterApp's service spells them.

Derived from the packs in force and the mapping: a role is listed where the cells of some role of a program give all
that it opens, and at the levels where they do. What nobody can hold isn't listed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policy.facts import Years
from policy.packs import Packs
from policy.smarter.levels import Tier
from policy.smarter.mapping import Component, ComponentRole, RoleMapping
from policy.smarter.width import cells_of, fits

Value = list[dict[str, Any]] | dict[str, Any]


class NotFoundError(LookupError):
    """What was asked for isn't there; the message is the one that the components know."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A role of a component that somebody can hold, and at which levels."""

    component: Component
    role: ComponentRole
    tiers: frozenset[Tier]


@dataclass(frozen=True, slots=True)
class Question:
    """The parameters of a request; '' where one was left out."""

    role: str = ""
    component: str = ""
    permission: str = ""


def listed_roles(mapping: RoleMapping, packs: Packs, years: Years) -> tuple[Listed, ...]:
    """Every role that the cells of the current years give, in the order of the components' file."""
    tiers: dict[tuple[str, str], set[Tier]] = {}
    for row in mapping.rows:
        year = years.current.get(row.program)
        pack = packs.at(row.program, year)
        if pack is None or row.role not in pack.roles or mapping.row(row.program, row.role, row.tier, year) is None:
            continue
        given = cells_of(pack, row)
        for code, emitted in row.components.items():
            for role in emitted.roles:
                if fits(role, row.tier, given):
                    tiers.setdefault((code, role.name), set()).add(row.tier)
    return tuple(
        Listed(component, role, frozenset(tiers[component.code, role.name]))
        for component in mapping.components.values()
        for role in component.roles.values()
        if (component.code, role.name) in tiers
    )


def roles(listed: Collection[Listed], asked: Question) -> Value:
    """`/rest/role`: all, one, those of a component, or those with one of its permissions. Raises NotFoundError."""
    if asked.component:
        if not any(one.component.name == asked.component for one in listed):
            raise NotFoundError(f"Role by component:'{asked.component}' is not found.")
        found = [one for one in listed if one.component.name == asked.component and _has(one, asked.permission)]
        return [_role(one.role.name, [one]) for one in found]
    names = dict.fromkeys(one.role.name for one in listed)
    if asked.role:
        if asked.role not in names:
            raise NotFoundError(f"Role:'{asked.role}' is not found.")
        names = {asked.role: None}
    return [_role(name, [one for one in listed if one.role.name == name]) for name in names]


def components(listed: Collection[Listed], asked: Question) -> Value:
    """`/rest/component`: all, those that know a role, or one. Raises NotFoundError."""
    known = {one.component.name: one.component for one in listed}
    if asked.role:
        found = {one.component.name: one.component for one in listed if one.role.name == asked.role}
        if not found:
            raise NotFoundError(f"Component by role:'{asked.role}' is not found.")
        known = found
    elif asked.component:
        if asked.component not in known:
            raise NotFoundError(f"Component:'{asked.component}' is not found.")
        known = {asked.component: known[asked.component]}
    return [{"component": one.name, "permissions": _names(_given_in(one, listed))} for one in known.values()]


def permissions(listed: Collection[Listed], asked: Question) -> Value:
    """`/rest/permission`: all, those of a component, or those of a role in it. Raises NotFoundError."""
    found = [one for one in listed if asked.component in ("", one.component.name)]
    if asked.component and asked.role:
        found = [one for one in found if one.role.name == asked.role]
        if not found:
            raise NotFoundError(f"No permission by rolename:{asked.role} and component name:{asked.component}.")
    if not found and asked.component:
        raise NotFoundError(f"No permission by component name:{asked.component}.")
    return _names(permission.name for one in found for permission in one.role.permissions)


def mapping_table(listed: Collection[Listed], asked: Question) -> Value:
    """`/rest/mapping`: a row per component and permission, with every role as a boolean."""
    names = sorted({one.role.name for one in listed})
    rows: dict[tuple[str, str], set[str]] = {}
    for one in listed:
        for permission in one.role.permissions:
            rows.setdefault((one.component.name, permission.name), set()).add(one.role.name)
    table = [
        {"Permission": permission, "Component": component} | {name: name in holders for name in names}
        for (component, permission), holders in sorted(rows.items())
    ]
    return {"mappings": table, "roles": names}


def entities(listed: Collection[Listed], asked: Question) -> Value:
    """`/rest/entity`: the seven levels, in the spelling of the permission service."""
    return [_entity(tier) for tier in Tier]


ANSWERS: Final = {
    "role": roles, "component": components, "permission": permissions, "mapping": mapping_table, "entity": entities,
}  # fmt: skip
"""The last part of each address, and what answers it."""


def envelope(value: Value | None, message: str | None = None) -> Mapping[str, Any]:
    """How every answer is wrapped; one without a value says in `message` why."""
    return {"value": value, "message": message, "status": "FAILURE" if value is None else "SUCCESS"}


def _role(name: str, held: Collection[Listed]) -> dict[str, Any]:
    tiers = frozenset[Tier]().union(*(one.tiers for one in held))
    return {
        "role": name,
        "allowableEntities": [_entity(tier) for tier in Tier if tier in tiers],
        "mappings": [
            {"component": one.component.name, "permissions": _names(each.name for each in one.role.permissions)}
            for one in held
        ],
    }


def _entity(tier: Tier) -> dict[str, Any]:
    return {"entity": tier.entity, "description": tier.description}


def _has(one: Listed, permission: str) -> bool:
    return permission in ("", *(each.name for each in one.role.permissions))


def _given_in(component: Component, listed: Iterable[Listed]) -> Iterable[str]:
    return (each.name for one in listed if one.component is component for each in one.role.permissions)


def _names(names: Iterable[str]) -> list[dict[str, Any]]:
    return [{"name": name} for name in sorted(set(names))]
