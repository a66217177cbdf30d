"""Guards: the access table, compiled into a synchronous check around each field's resolver when the schema is built."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema

from policy.access import AnyOf, holds, may_ever
from policy.caller import Anonymous, PersonCaller
from policy.managing import RECENT, is_recent
from resolvers.asking import Asking
from resolvers.refusals import Code, RefusedError
from resolvers.subjects import subject_of
from schema.access_table import AccessTable, FieldRules, fields_of, in_common
from schema.directives import AllOf
from schema.managed import MANAGED, for_others

Resolve = Callable[..., Any]
Asked = GraphQLResolveInfo[Asking]


def guard(schema: GraphQLSchema, table: AccessTable) -> None:
    """Wraps the resolver of every field that has something to check; fields without rules stay as they are.

    A subscription is judged when it begins and again at each of its events, for the caller as she is then.
    """
    mutation = schema.mutation_type.name if schema.mutation_type else ""
    subscription = schema.subscription_type.name if schema.subscription_type else ""
    roots = {"Query", mutation, subscription}
    for type_, name, field in fields_of(schema):
        rules = table[type_.name, name]
        resolve = cast("Resolve", field.resolve)
        if rules.result or rules.result_by_type or rules.inputs:
            resolve = _seeing(resolve, rules)
        if rules.lists_rows:
            resolve = _counting(resolve)
        if type_.name == mutation:
            resolve = _permitting(resolve, rules)
        elif type_.name in roots or rules.is_connection:
            resolve = _listing(resolve, rules)
        elif rules.own or rules.inputs:
            resolve = _holding(resolve, rules)
        if type_.name == subscription:
            field.subscribe = _listing(cast("Resolve", field.subscribe), rules)
        _replace(field, resolve)


def _replace(field: GraphQLField, resolve: Resolve) -> None:
    field.resolve = resolve


def _permitting(resolve: Resolve, rules: FieldRules) -> Resolve:
    """A mutation: refused as a whole to callers who could never do it."""

    def permitted(source: Any, info: Asked, **arguments: Any) -> Any:
        asking = info.context
        caller = asking.caller
        if isinstance(caller, Anonymous):
            raise RefusedError(Code.UNAUTHENTICATED, f"Sign in first: {rules.name} needs a session.")
        if not isinstance(caller, PersonCaller):
            raise RefusedError(Code.FORBIDDEN, _in_session_only(rules))
        own = rules.own
        if not caller.may_write:
            _check_managing(caller, asking, rules)
            own = tuple(for_others(any_of) for any_of in own)
        if not all(may_ever(caller, any_of) for any_of in own):
            raise RefusedError(Code.FORBIDDEN, f"None of your roles allows {rules.name}.")
        asking.rows_rule[info.path] = in_common(own)
        return resolve(source, info, **arguments)

    return permitted


def _check_managing(caller: PersonCaller, asking: Asking, rules: FieldRules) -> None:
    """Outside of a session: by a token that may manage, soon after its person has signed in. Raises RefusedError."""
    if caller.managing_by is None or rules.name not in MANAGED or not rules.own:
        raise RefusedError(Code.FORBIDDEN, _in_session_only(rules))
    if not is_recent(caller.auth_time, asking.clock.now):
        seconds = int(RECENT.total_seconds())
        text = f"{rules.name} needs a sign-in of the last {seconds // 60} minutes: sign in again, max_age={seconds}."
        raise RefusedError(Code.FORBIDDEN, text)


def _in_session_only(rules: FieldRules) -> str:
    return f"{rules.name} is carried out in a person's own session only."


def _listing(resolve: Resolve, rules: FieldRules) -> Resolve:
    """A root or a connection: pruned for callers for whom no row could ever pass; the rows' rule goes to the store."""
    apply = (*rules.own, *(rules.result if rules.is_connection else ()))

    def listed(source: Any, info: Asked, **arguments: Any) -> Any:
        asking = info.context
        caller = asking.caller
        if not all(may_ever(caller, any_of) for any_of in rules.own):
            raise _withheld(rules)
        given = given_rules(rules, arguments)
        if not all(may_ever(caller, any_of) for any_of in given):
            raise _withheld_input(rules, arguments, caller)
        if rules.is_connection:
            asking.rows_rule[info.path] = in_common((*apply, *given))
        return resolve(source, info, **arguments)

    return listed


def _holding(resolve: Resolve, rules: FieldRules) -> Resolve:
    """A field of a row: its own rules must hold for that row."""

    def held(source: Any, info: Asked, **arguments: Any) -> Any:
        asking = info.context
        subject = subject_of(source, asking)
        for any_of in (*rules.own, *given_rules(rules, arguments)):
            if not holds(asking.caller, any_of, subject):
                raise _withheld(rules)
        return resolve(source, info, **arguments)

    return held


def _seeing(resolve: Resolve, rules: FieldRules) -> Resolve:
    """A field that answers with guarded rows: what the caller can't see is null, as if it weren't there.

    So is what was found by an input whose rules don't hold for it: a person by an address that isn't shown.
    """
    if rules.is_connection:
        return resolve

    def visible(source: Any, info: Asked, **arguments: Any) -> Any:
        found = resolve(source, info, **arguments)
        given = given_rules(rules, arguments)
        if inspect.isawaitable(found):
            return _later(found, info, rules, given)
        return _only_seen(found, info, rules, given)

    return visible


async def _later(found: Awaitable[Any], info: Asked, rules: FieldRules, given: AllOf) -> Any:
    return _only_seen(await found, info, rules, given)


def _only_seen(found: Any, info: Asked, rules: FieldRules, given: AllOf) -> Any:
    if found is None:
        return None
    if isinstance(found, list | tuple):
        rows = cast("list[Any]", found)
        return [row for row in rows if _only_seen(row, info, rules, given) is not None]
    asking = info.context
    subject = subject_of(found, asking)
    seen = (*_rules_of_row(found, info, rules), *given)
    return found if all(holds(asking.caller, any_of, subject) for any_of in seen) else None


def _rules_of_row(row: Any, info: Asked, rules: FieldRules) -> AllOf:
    """The rules of the type that the row is; of an interface, what is none of its types is seen by nobody."""
    if not rules.result_by_type:
        return rules.result
    for type_, of_type in rules.result_by_type:
        if type_.is_type_of is not None and type_.is_type_of(row, info):
            return of_type
    return ((),)


def _counting(resolve: Resolve) -> Resolve:
    """A list of rows: counted, so that lists within lists can't grow without end."""

    def counted(source: Any, info: Asked, **arguments: Any) -> Any:
        found = resolve(source, info, **arguments)
        if inspect.isawaitable(found):
            return _count_later(found, info.context)
        _count(found, info.context)
        return found

    return counted


async def _count_later(found: Awaitable[Any], asking: Asking) -> Any:
    rows = await found
    _count(rows, asking)
    return rows


def _count(rows: Any, asking: Asking) -> None:
    if isinstance(rows, list | tuple):
        asking.show(len(cast("list[Any]", rows)))


def given_rules(rules: FieldRules, arguments: Mapping[str, Any]) -> tuple[AnyOf, ...]:
    """The rules of those guarded inputs that the arguments give."""
    return tuple(any_of for one in rules.inputs if _is_given(one.path, arguments) for any_of in one.rules)


def _is_given(path: tuple[str, ...], arguments: Mapping[str, Any]) -> bool:
    value: Any = arguments
    for step in path:
        if not isinstance(value, dict):
            return False
        value = cast("dict[str, Any]", value).get(step)
    return value is not None


def withheld_message(rules: FieldRules) -> str:
    return f"You may not see {rules.type_name}.{rules.name} here."


def _withheld(rules: FieldRules) -> RefusedError:
    return RefusedError(Code.UNAUTHORIZED_FIELD_OR_TYPE, withheld_message(rules))


def _withheld_input(rules: FieldRules, arguments: dict[str, Any], caller: Any) -> RefusedError:
    names = [
        ".".join(one.path)
        for one in rules.inputs
        if _is_given(one.path, arguments) and not all(may_ever(caller, any_of) for any_of in one.rules)
    ]
    return RefusedError(
        Code.UNAUTHORIZED_FIELD_OR_TYPE,
        f"You may not use {', '.join(names)} of {rules.type_name}.{rules.name}: it reads what is withheld from you.",
    )
