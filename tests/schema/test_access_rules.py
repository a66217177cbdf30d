"""A schema without complete rules does not build (architecture, rule 1)."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from policy.access import AccessTarget as Target
from policy.caller import Anonymous
from policy.ids import Permission
from resolvers.refusals import RefusedError
from schema.access_table import SchemaRuleError, in_common
from schema.asked import followed, reading
from schema.build import BuiltSchema, guarded
from schema.directives import PUBLIC, access, read_permission, rule
from schema.words import SCALARS

KNOWN = (Permission("hallpass:users:view"), Permission("hallpass:users:manage"))
SEEN = access(rule(None, Target.SELF), rule(KNOWN[0], Target.USERS_ORGANIZATIONS))
MANAGED = access(rule(KNOWN[1], Target.USERS_ORGANIZATIONS))


def build(query: type, *types: type, subscription: type | None = None) -> BuiltSchema:
    config = StrawberryConfig(scalar_map=SCALARS)
    return guarded(strawberry.Schema(query=query, subscription=subscription, types=types, config=config), KNOWN)


def problems(query: type, *types: type, subscription: type | None = None) -> tuple[str, ...]:
    with pytest.raises(SchemaRuleError) as caught:
        build(query, *types, subscription=subscription)
    return caught.value.problems


def test_a_field_without_a_rule_does_not_build() -> None:
    @strawberry.type
    class Query:
        open: str | None = strawberry.field(directives=[PUBLIC])
        forgotten: str | None

    assert problems(Query) == ("Query.forgotten has no access rule: give it or its type @access or @public.",)


def test_a_field_of_a_new_type_without_a_rule_does_not_build() -> None:
    @strawberry.type
    class Thing:
        name: str | None

    @strawberry.type
    class Query:
        thing: Thing | None = strawberry.field(directives=[PUBLIC])

    assert problems(Query) == ("Thing.name has no access rule: give it or its type @access or @public.",)


def test_a_type_s_rule_stands_for_its_fields() -> None:
    @strawberry.type(directives=[SEEN])
    class Thing:
        name: str | None

    @strawberry.type
    class Query:
        thing: Thing | None = strawberry.field(directives=[PUBLIC])

    table = build(Query).access
    assert table["Query", "thing"].result
    assert table["Thing", "name"].own == ()


def test_a_permission_that_no_pack_knows_does_not_build() -> None:
    @strawberry.type
    class Query:
        name: str | None = strawberry.field(directives=[access(rule("hallpass:users:vanish", Target.THIS))])

    assert problems(Query) == ("Query.name names the permission hallpass:users:vanish, which no program pack knows.",)


def test_a_permission_of_an_argument_is_checked_as_well() -> None:
    hidden = access(rule("hallpass:users:vanish", Target.THIS))

    @strawberry.type
    class Query:
        @strawberry.field(directives=[PUBLIC])
        def name(self, of: Annotated[str | None, strawberry.argument(directives=[hidden])] = None) -> str | None:
            return of

    (problem,) = problems(Query)
    assert problem.startswith("Query.name(of:) names the permission hallpass:users:vanish")


@pytest.mark.parametrize(
    "text", ["", "users", "hallpass:users", "Hallpass:users:view", "hallpass:users:view ", 7, None]
)
def test_what_is_not_written_as_a_permission_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="<system>:<feature>:<action>"):
        read_permission(text)


def test_a_filter_has_the_rules_of_the_field_that_it_reads() -> None:
    @strawberry.type(directives=[PUBLIC])
    class Thing:
        email: str | None = strawberry.field(directives=[SEEN])

    @strawberry.input
    class ThingFilter:
        email: str | None = reading("Thing.email")
        name: str | None = strawberry.UNSET

    @strawberry.type
    class Query:
        @strawberry.field(directives=[PUBLIC])
        def thing(self, filter: ThingFilter) -> Thing | None:  # noqa: A002 - the argument's name in the contract
            return None

    assert problems(Query, Thing) == (
        "ThingFilter.email must have the rules of Thing.email, which it reads.",
        "ThingFilter.name must name the field that it reads.",
    )


def test_a_guarded_input_that_no_guard_would_see_does_not_build() -> None:
    """Guards look at an argument and at the fields of its input; in a list, or deeper, a rule would be passed over."""

    @strawberry.input
    class ByEmail:
        email: str | None = strawberry.field(default=strawberry.UNSET, directives=[SEEN])

    @strawberry.input
    class Outer:
        inner: ByEmail | None = strawberry.UNSET

    @strawberry.type
    class Query:
        @strawberry.field(directives=[PUBLIC])
        def good(self, by: ByEmail) -> str | None:
            return None

        @strawberry.field(directives=[PUBLIC])
        def many(self, by: list[ByEmail]) -> str | None:
            return None

        @strawberry.field(directives=[PUBLIC])
        def deep(self, by: Outer) -> str | None:
            return None

    assert problems(Query) == (
        "Query.many(by:) holds ByEmail.email, whose rule no guard would see there: name it in the argument itself.",
        "Query.deep(by:) holds ByEmail.email, whose rule no guard would see there: name it in the argument itself.",
    )


def test_rules_of_a_list_with_nothing_in_common_do_not_build() -> None:
    @strawberry.type(directives=[SEEN])
    class Thing:
        name: str | None

    @strawberry.type(directives=[PUBLIC])
    class Things:
        nodes: list[Thing | None] | None
        page_info: str | None

    @strawberry.type
    class Query:
        things: Things | None = strawberry.field(directives=[MANAGED])

    (problem,) = problems(Query)
    assert problem.startswith("Query.things: its own rules")


def test_what_rules_have_in_common_implies_each_of_them() -> None:
    own, seen = rule(None, Target.SELF), rule(KNOWN[0], Target.USERS_ORGANIZATIONS)
    system = rule(KNOWN[0], Target.OWN_SYSTEM)
    assert in_common([(own, seen, system), (seen, system), (own, seen)]) == (seen,)
    assert in_common([(own,), (seen,)]) == ()
    assert in_common([]) == ()


def test_a_subscription_without_a_rule_does_not_build() -> None:
    @strawberry.type
    class Query:
        open: str | None = strawberry.field(directives=[PUBLIC])

    @strawberry.type
    class Subscription:
        told: str | None = followed(_told)

    assert problems(Query, subscription=Subscription) == (
        "Subscription.told has no access rule: give it or its type @access or @public.",
    )


def test_a_subscription_without_a_source_does_not_build() -> None:
    @strawberry.type
    class Query:
        open: str | None = strawberry.field(directives=[PUBLIC])

    @strawberry.type
    class Subscription:
        told: str | None = strawberry.field(directives=[PUBLIC])

    assert problems(Query, subscription=Subscription) == (
        "Subscription.told has no source of events: write it with `followed`.",
    )


async def test_a_subscription_is_judged_when_it_begins_and_at_each_event() -> None:
    @strawberry.type
    class Query:
        open: str | None = strawberry.field(directives=[PUBLIC])

    @strawberry.type
    class Subscription:
        told: str | None = followed(_told, SEEN)

    built: Any = build(Query, subscription=Subscription).graphql.type_map["Subscription"]
    field = built.fields["told"]
    info = SimpleNamespace(context=SimpleNamespace(caller=Anonymous()))
    for judged in (field.subscribe, field.resolve):
        with pytest.raises(RefusedError, match=r"You may not see Subscription\.told here"):
            judged("event", info)


async def _told() -> AsyncIterator[str]:
    yield "something"
