"""A search for organizations: what a list is narrowed to, and the way to its first rows by the shape of a reach."""

from collections.abc import Iterable
from dataclasses import dataclass

from policy.facts import Level
from policy.ids import OrganizationId
from policy.reach import Range
from store.composed import Parameters, fill
from store.keys_of import after_prefix, text_key


@dataclass(frozen=True, slots=True)
class OrganizationFilter:
    """What a list of organizations is narrowed to; all that is given must hold. `name_prefix` without accents, case."""

    level: Level | None = None
    parent: OrganizationId | None = None
    code: str | None = None
    name_prefix: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page stands in the statement: the key and id that it starts behind, and how many rows it may have."""

    after_key: str
    after_id: str
    limit: str


def is_statewide(ranges: Iterable[Range]) -> bool:
    """Whether the rows are found by walking all of them: organizations belong to no program."""
    return any(one.lea is None and one.organization is None for one in ranges)


def every_organization(start: PageStart, seen: str, filters: str) -> str:
    """(name_key, id) of the organizations `o` for which `seen` holds, in the page's order."""
    return fill("reads", "every_organization", seen=seen, filters=filters,
                after_key=start.after_key, after_id=start.after_id)  # fmt: skip


def reached_organizations(parameters: Parameters, start: PageStart, ranges: Iterable[Range], filters: str) -> str:
    """(name_key, id) of the organizations within the ranges, each an LEA or a single one, in the page's order."""
    every = list(ranges)
    leas = [one for one in every if one.lea is not None]
    single = [one for one in every if one.lea is None]
    return fill(
        "reads",
        "reached_organizations",
        filters=filters,
        limit=start.limit,
        after_key=start.after_key,
        after_id=start.after_id,
        leas=parameters.add([one.lea for one in leas], "uuid[]"),
        schools_of=parameters.add([one.schools_only for one in leas], "boolean[]"),
        organizations=parameters.add([one.organization for one in single], "uuid[]"),
        schools_in=parameters.add([one.schools_only for one in single], "boolean[]"),
    )


def organization_filters(parameters: Parameters, wanted: OrganizationFilter) -> str:
    """Conditions on an organizations row `o`, each with ` and ` before it."""
    conditions: list[str] = []
    for column, value, kind in (
        ("level", None if wanted.level is None else wanted.level.value, "text"),
        ("parent_id", wanted.parent, "uuid"),
        ("code", wanted.code, "text"),
        ("active", wanted.active, "boolean"),
    ):
        if value is not None:
            conditions.append(f"o.{column} = {parameters.add(value, kind)}")
    if wanted.name_prefix is not None:
        key = text_key(wanted.name_prefix)
        conditions.append(f"o.name_key >= {parameters.add(key, 'text')}")
        conditions.append(f"o.name_key < {parameters.add(after_prefix(key), 'text')}")
    return "".join(f" and {one}" for one in conditions)
