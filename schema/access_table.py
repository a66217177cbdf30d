"""The access table: the rules of every type, field, argument and input, derived from the schema's directives."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)

from policy.access import AnyOf
from policy.ids import Permission
from schema.directives import Access, AllOf, Public, rules_of

DEFINITION = "strawberry-definition"
READS = "reads"
"""Metadata key of a filter's or order's field: the `Type.field` that it reads."""


class SchemaRuleError(Exception):
    """The schema isn't complete: one sentence for each place where a rule is missing or wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class GuardedInput:
    """An argument, or a field of an input in it, that has rules of its own; `path` starts with the argument."""

    path: tuple[str, ...]
    rules: AllOf


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What holds for one field: its own rules, those of the type it answers with, those of its guarded inputs."""

    type_name: str
    name: str
    own: AllOf
    result: AllOf
    """The rules of seeing what the field answers with: of its type or, for a connection, of the rows."""
    result_by_type: tuple[tuple[GraphQLObjectType, AllOf], ...]
    """For a field that answers with an interface: the rules of each type that it may be."""
    is_connection: bool
    lists_rows: bool
    inputs: tuple[GuardedInput, ...]


AccessTable = Mapping[tuple[str, str], FieldRules]
"""By type and field name."""


def access_table(schema: GraphQLSchema, vocabulary: Iterable[Permission]) -> AccessTable:
    """The rules of each field. Raises SchemaRuleError for a field without a rule, or a rule that can't be judged."""
    problems = [*_without_rule(schema), *_unknown_permissions(schema, frozenset(vocabulary))]
    table: dict[tuple[str, str], FieldRules] = {}
    for type_, name, field in fields_of(schema):
        rules = _field_rules(schema, type_, name, field)
        problems.extend(_unlistable(rules))
        table[type_.name, name] = rules
    problems.extend(_misread(schema))
    problems.extend(_unseen_inputs(schema))
    problems.extend(_without_source(schema))
    if problems:
        raise SchemaRuleError(problems)
    return table


def fields_of(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    """Each field of each object type, introspection's own left out."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                yield type_, name, field


def in_common(rules: Iterable[AnyOf]) -> AnyOf:
    """The ways to be allowed that are in each of several rules: whoever is allowed by one of them is by all rules."""
    every = list(rules)
    return tuple(one for one in every[0] if all(one in other for other in every[1:])) if every else ()


def directives_on(
    definition: GraphQLObjectType | GraphQLField | GraphQLArgument | GraphQLInputField,
) -> tuple[object, ...]:
    written = definition.extensions.get(DEFINITION)
    return tuple(getattr(written, "directives", None) or ())


def _without_rule(schema: GraphQLSchema) -> Iterator[str]:
    for type_, name, field in fields_of(schema):
        written = (*directives_on(type_), *directives_on(field))
        if not any(isinstance(one, Access | Public) for one in written):
            yield f"{type_.name}.{name} has no access rule: give it or its type @access or @public."


def _without_source(schema: GraphQLSchema) -> Iterator[str]:
    for type_, name, field in fields_of(schema):
        if type_ is schema.subscription_type and field.subscribe is None:
            yield f"{type_.name}.{name} has no source of events: write it with `followed`."


def _unknown_permissions(schema: GraphQLSchema, vocabulary: frozenset[Permission]) -> Iterator[str]:
    for place, directives in _all_directives(schema):
        for any_of in rules_of(directives):
            for rule in any_of:
                if rule.permission is not None and rule.permission not in vocabulary:
                    yield f"{place} names the permission {rule.permission}, which no program pack knows."


def _all_directives(schema: GraphQLSchema) -> Iterator[tuple[str, tuple[object, ...]]]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            yield type_.name, directives_on(type_)
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", directives_on(field)
                for argument, definition in field.args.items():
                    yield f"{type_.name}.{name}({argument}:)", directives_on(definition)
        elif isinstance(type_, GraphQLInputObjectType):
            for name, input_field in type_.fields.items():
                yield f"{type_.name}.{name}", directives_on(input_field)


def _field_rules(schema: GraphQLSchema, type_: GraphQLObjectType, name: str, field: GraphQLField) -> FieldRules:
    result = _named_type(field)
    rows = _rows_of(result) if isinstance(result, GraphQLObjectType) else None
    seen = rows or result
    return FieldRules(
        type_name=type_.name,
        name=name,
        own=rules_of(directives_on(field)),
        result=rules_of(directives_on(seen)) if isinstance(seen, GraphQLObjectType) else (),
        result_by_type=tuple(_by_type(schema, result)),
        is_connection=rows is not None,
        lists_rows=isinstance(result, GraphQLObjectType) and isinstance(cast("Any", field).type, GraphQLList),
        inputs=tuple(_guarded_inputs(field)),
    )


def _named_type(definition: GraphQLField | GraphQLArgument | GraphQLInputField) -> object:
    """The definition's type without the lists and non-nulls around it."""
    found: Any = cast("Any", definition).type
    while hasattr(found, "of_type"):
        found = found.of_type
    return found


def _by_type(schema: GraphQLSchema, result: object) -> Iterator[tuple[GraphQLObjectType, AllOf]]:
    if isinstance(result, GraphQLInterfaceType | GraphQLUnionType):
        for one in schema.get_possible_types(result):
            yield one, rules_of(directives_on(one))


def _rows_of(type_: GraphQLObjectType) -> GraphQLObjectType | None:
    """The type of a connection's rows; None for what isn't a connection."""
    if "pageInfo" not in type_.fields or "nodes" not in type_.fields:
        return None
    row = _named_type(type_.fields["nodes"])
    return row if isinstance(row, GraphQLObjectType) else None


def _guarded_inputs(field: GraphQLField) -> Iterator[GuardedInput]:
    for name, argument in field.args.items():
        if rules := rules_of(directives_on(argument)):
            yield GuardedInput((name,), rules)
        type_ = _named_type(argument)
        if isinstance(type_, GraphQLInputObjectType):
            for inner, input_field in type_.fields.items():
                if rules := rules_of(directives_on(input_field)):
                    yield GuardedInput((name, inner), rules)


def _unlistable(rules: FieldRules) -> Iterator[str]:
    """A connection filters its rows by what its rules have in common, whatever inputs are given."""
    applying = (*rules.result, *rules.own, *(any_of for one in rules.inputs for any_of in one.rules))
    if rules.is_connection and not in_common(applying):
        yield f"{rules.type_name}.{rules.name}: its own rules, its rows' and its filters' have nothing in common."


def _unseen_inputs(schema: GraphQLSchema) -> Iterator[str]:
    """Guards look at an argument and at the fields of its input: a rule further in would be passed over."""
    for type_, name, field in fields_of(schema):
        for argument, definition in field.args.items():
            seen = {one.path for one in _guarded_inputs(field)}
            for path, owner in _guarded_anywhere((argument,), definition, frozenset()):
                if path not in seen or _is_list(definition):
                    yield (
                        f"{type_.name}.{name}({argument}:) holds {owner}.{path[-1]}, whose rule no guard would see "
                        "there: name it in the argument itself."
                    )


def _guarded_anywhere(
    path: tuple[str, ...], definition: GraphQLArgument | GraphQLInputField, above: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path and the input of each guarded field in an argument, however deep."""
    type_ = _named_type(definition)
    if not isinstance(type_, GraphQLInputObjectType) or type_.name in above:
        return
    for name, inner in type_.fields.items():
        if rules_of(directives_on(inner)):
            yield (*path, name), type_.name
        yield from _guarded_anywhere((*path, name), inner, above | {type_.name})


def _is_list(definition: GraphQLArgument) -> bool:
    type_: Any = cast("Any", definition).type
    return isinstance(type_, GraphQLList) or isinstance(getattr(type_, "of_type", None), GraphQLList)


def _misread(schema: GraphQLSchema) -> Iterator[str]:
    """A filter or order names the field that it reads and has that field's rules."""
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLInputObjectType) or not type_.name.endswith(("Filter", "Order")):
            continue
        for name, input_field in type_.fields.items():
            written = input_field.extensions.get(DEFINITION)
            read = str(getattr(written, "metadata", {}).get(READS, ""))
            owner = schema.type_map.get(read.partition(".")[0])
            target = owner.fields.get(read.partition(".")[2]) if isinstance(owner, GraphQLObjectType) else None
            if target is None:
                yield f"{type_.name}.{name} must name the field that it reads."
            elif rules_of(directives_on(input_field)) != rules_of(directives_on(target)):
                yield f"{type_.name}.{name} must have the rules of {read}, which it reads."
