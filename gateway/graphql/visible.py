"""Which parts of the schema a caller could ever see: the fields, arguments and inputs whose rules may hold for her."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
)

from gateway.graphql.type_of import named_type_of
from policy.access import AnyOf, may_ever
from policy.caller import Caller, PersonCaller
from schema.access_table import AccessTable, directives_on, fields_of
from schema.build import BuiltSchema
from schema.directives import AllOf, rules_of
from schema.managed import MANAGED

Fingerprint = tuple[bool, ...]
"""Whether the caller may carry out mutations, whether some by a token, and for each rule whether it may hold."""


@dataclass(frozen=True, slots=True)
class Visible:
    """Names of what is shown: fields by type, types; arguments and fields of inputs follow from `allows`."""

    fields: frozenset[tuple[str, str]]
    types: frozenset[str]
    allows: Callable[[AllOf], bool]


class Sight:
    """The rules of one schema, in a fixed order."""

    def __init__(self, built: BuiltSchema) -> None:
        self._schema = built.graphql
        self._access = built.access
        self._rules: tuple[AnyOf, ...] = tuple(dict.fromkeys(_all_rules(built.graphql, built.access)))

    def fingerprint(self, caller: Caller) -> Fingerprint:
        """What the caller may see depends on this alone."""
        person = caller if isinstance(caller, PersonCaller) else None
        writes, manages = person is not None and person.may_write, person is not None and person.managing_by is not None
        return (writes, manages, *(may_ever(caller, rule) for rule in self._rules))

    def visible(self, fingerprint: Fingerprint) -> Visible:
        writes, manages, *holding = fingerprint
        allowed = {rule for rule, holds in zip(self._rules, holding, strict=True) if holds}
        return _Looking(self._schema, self._access, allowed.issuperset, writes=writes, manages=manages).found()


class _Looking:
    """Follows what is allowed from the roots; fields that lead to types of which nothing is left go as well."""

    def __init__(
        self,
        schema: GraphQLSchema,
        access: AccessTable,
        allows: Callable[[AllOf], bool],
        *,
        writes: bool,
        manages: bool,
    ) -> None:
        self._schema = schema
        self._allows = allows
        mutation = schema.mutation_type.name if schema.mutation_type else ""
        self._fields = {
            key
            for key, rules in access.items()
            if allows(rules.own)
            and (rules.result_by_type or allows(rules.result))
            and (writes or rules.type_name != mutation or (manages and rules.name in MANAGED))
        }
        self._by_type = {
            key: [one.name for one, of_type in rules.result_by_type if allows(of_type)]
            for key, rules in access.items()
            if rules.result_by_type
        }

    def found(self) -> Visible:
        while gone := {key for key in self._fields if not self._leads_somewhere(key)}:
            self._fields -= gone
        types = self._reached()
        return Visible(frozenset(key for key in self._fields if key[0] in types), frozenset(types), self._allows)

    def _leads_somewhere(self, key: tuple[str, str]) -> bool:
        if key in self._by_type:
            return any(self._has_fields(name) for name in self._by_type[key])
        named = named_type_of(self._field(key))
        return not isinstance(named, GraphQLObjectType) or self._has_fields(named.name)

    def _has_fields(self, type_name: str) -> bool:
        type_ = self._schema.type_map[type_name]
        return isinstance(type_, GraphQLObjectType) and any((type_name, name) in self._fields for name in type_.fields)

    def _field(self, key: tuple[str, str]) -> GraphQLField:
        return cast("GraphQLObjectType", self._schema.type_map[key[0]]).fields[key[1]]

    def _reached(self) -> set[str]:
        pending = [one.name for one in _roots(self._schema) if self._has_fields(one.name)]
        reached: set[str] = set()
        while pending:
            name = pending.pop()
            if name not in reached:
                reached.add(name)
                pending.extend(self._next(name))
        return reached

    def _next(self, name: str) -> Iterator[str]:
        match self._schema.type_map[name]:
            case GraphQLObjectType(fields=fields) as type_:
                yield from (one.name for one in type_.interfaces)
                for field_name, field in fields.items():
                    if (name, field_name) in self._fields:
                        yield from self._by_type.get((name, field_name), ())
                        yield from self._of_field(field)
            case GraphQLInputObjectType(fields=fields):
                for field in fields.values():
                    if self._allows(rules_on(field)):
                        yield named_type_of(field).name
            case _:
                pass

    def _of_field(self, field: GraphQLField) -> Iterator[str]:
        yield named_type_of(field).name
        for argument in field.args.values():
            if self._allows(rules_on(argument)):
                yield named_type_of(argument).name


def rules_on(definition: GraphQLArgument | GraphQLInputField) -> AllOf:
    return rules_of(directives_on(definition))


def _roots(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [one for one in (schema.query_type, schema.mutation_type, schema.subscription_type) if one is not None]


def _all_rules(schema: GraphQLSchema, access: AccessTable) -> Iterator[AnyOf]:
    for rules in access.values():
        yield from rules.own
        yield from rules.result
        for _, of_type in rules.result_by_type:
            yield from of_type
    for _, _, field in fields_of(schema):
        for argument in field.args.values():
            yield from rules_on(argument)
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            for inner in type_.fields.values():
                yield from rules_on(inner)
