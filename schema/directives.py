"""The directives `@access` and `@public`: the rule of each type, field, argument and input, printed in the SDL."""

import re
from collections.abc import Iterable
from enum import Enum
from typing import Any, cast

import strawberry
from strawberry.schema_directive import Location

from policy.access import AccessMatch as Match
from policy.access import AccessRule as Rule
from policy.access import AccessTarget as Target
from policy.access import AnyOf
from policy.ids import Permission

AllOf = tuple[AnyOf, ...]
"""The rules of one definition: each `@access` must hold, and within one any rule suffices."""

NAME_OF_PERMISSION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(:[a-z0-9]+(-[a-z0-9]+)*){2,3}")

AccessTarget = strawberry.enum(
    cast("type[Enum]", Target),
    name="AccessTarget",
    description="What a rule looks at to say whether its permission reaches the thing asked for.",
)
AccessMatch = strawberry.enum(
    cast("type[Enum]", Match),
    name="AccessMatch",
    description="ANY: one of the user's organizations is within reach. "
    "ALL: every current and upcoming assignment is, in every program.",
)


def read_permission(value: object) -> Permission:
    """The permission that a text names; ValueError where it isn't written `<system>:<feature>:<action>`."""
    if not isinstance(value, str) or not NAME_OF_PERMISSION.fullmatch(value):
        raise ValueError(f"A permission is written <system>:<feature>:<action>, not {value!r}.")
    return Permission(value)


PERMISSION = strawberry.scalar(
    name="Permission",
    description="A permission, `<system>:<feature>:<action>`; "
    "those in directives are checked against the program packs when the schema is built.",
    serialize=str,
    parse_value=read_permission,
)


@strawberry.input(description="One way to be allowed. `permission` is left out with SELF only.")
class AccessRule:
    permission: Permission | None = strawberry.UNSET
    of: Target = Target.THIS
    match: Match = Match.ANY


@strawberry.schema_directive(
    locations=[
        Location.FIELD_DEFINITION,
        Location.OBJECT,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
    ],
    repeatable=True,
    name="access",
    description="Repeated directives must all hold; within one, any rule suffices.",
)
class Access:
    any_of: list[AccessRule]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    name="public",
    description="Needs no rule of its own: it tells nothing that isn't guarded elsewhere.",
)
class Public:
    pass


PUBLIC = Public()


def rule(permission: str | None, of: Target, match: Match = Match.ANY) -> Rule:
    """One rule as the schema writes it."""
    return Rule(None if permission is None else read_permission(permission), of, match)


def access(*any_of: Rule) -> Access:
    """The directive that holds when any of the rules does. What equals its default isn't printed."""
    return Access(any_of=[_printed(one) for one in any_of])


def rules_of(directives: Iterable[object]) -> AllOf:
    """The rules of a definition's directives, as the core judges them."""
    return tuple(any_of(one) for one in directives if isinstance(one, Access))


def any_of(directive: Access) -> AnyOf:
    """The rules within one directive."""
    return tuple(_read(one) for one in directive.any_of)


def _printed(one: Rule) -> AccessRule:
    unset: Any = strawberry.UNSET
    return AccessRule(
        permission=unset if one.permission is None else one.permission,
        of=one.of,
        match=unset if one.match is Match.ANY else one.match,
    )


def _read(one: AccessRule) -> Rule:
    permission = None if one.permission is strawberry.UNSET else one.permission
    match = Match.ANY if one.match is strawberry.UNSET else one.match
    return Rule(permission, one.of, match)
