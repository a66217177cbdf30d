"""Writes query documents from the schema itself: selections, arguments and variables, drawn at random."""

import base64
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
)

from gateway.graphql.reads.rows import mapped_of
from gateway.graphql.type_of import named_type_of, type_of

Composite = GraphQLObjectType | GraphQLInterfaceType
_MOST_SELECTIONS: Final = 45
_ROOTS: Final[Mapping[str, int]] = {
    "users": 30, "organizations": 26, "user": 10, "organization": 10, "viewer": 10, "programs": 2, "program": 3,
    "node": 2, "decide": 1, "decideMany": 1, "explain": 1, "assignableRoles": 1,
}  # fmt: skip
"""How often each root is asked for."""


@dataclass(frozen=True, slots=True)
class Words:
    """What arguments may say: by the name of the argument or input field, or else by its type."""

    values: Mapping[str, Sequence[Any]]
    cursors: Mapping[str, Sequence[str]]
    """Real cursors by the kind of their lists: `users`, `organizations`, `assignments`, `student groups`."""

    def of(self, name: str, type_: str) -> Sequence[Any]:
        return self.values.get(name) or self.values[type_]


@dataclass(frozen=True, slots=True)
class Written:
    """A document and the variables that go with it."""

    text: str
    variables: dict[str, Any]


@dataclass(slots=True)
class Writer:
    """Writes one document. `rng` decides everything: the same one writes the same document."""

    schema: GraphQLSchema
    words: Words
    rng: random.Random
    unmapped: float = 0.01
    """How often a field is asked for that no compiled read answers."""
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    _definitions: list[str] = field(default_factory=list[str])
    _fragments: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """By name: the type and the text of each finished fragment."""
    _names: int = 0
    _left: int = _MOST_SELECTIONS

    def document(self) -> Written:
        query = cast("GraphQLObjectType", self.schema.query_type)
        count = self.rng.choice((1, 1, 1, 1, 2, 2, 3))
        body = " ".join(self._root(query) for _ in range(count))
        if self._chance(0.1):
            body = f"{body} __typename"
        defined = f"({', '.join(self._definitions)})" if self._definitions else ""
        fragments = " ".join(f"fragment {name} on {of} {text}" for name, (of, text) in self._fragments.items())
        head = f"query Q{defined}" if defined or self._chance(0.3) else ""
        return Written(f"{head} {{ {body} }} {fragments}".strip(), self.variables)

    def _root(self, query: GraphQLObjectType) -> str:
        names = [name for name in _ROOTS if name in query.fields]
        name = self.rng.choices(names, [_ROOTS[one] for one in names])[0]
        text = self._field(query, name, self.rng.choice((2, 3, 4, 5, 6)))
        if self._chance(0.06):
            return f"... on Query{self._directives()} {{ {text} }}"
        return text

    def _selections(self, type_: Composite, depth: int) -> str:
        """A selection set; fields may be repeated, spread and conditional."""
        written = [self._selection(type_, depth) for _ in range(self.rng.choice((1, 2, 2, 3, 3, 4)))]
        return f"{{ {' '.join(written)} }}"

    def _selection(self, type_: Composite, depth: int) -> str:
        self._left -= 1
        if depth > 0 and self._left > 0 and self._chance(0.14):
            return self._spread(type_, depth)
        if self._chance(0.07):
            return f"__typename{self._directives()}"
        return self._field(type_, self._choose(type_, depth), depth)

    def _choose(self, type_: Composite, depth: int) -> str:
        names = list(type_.fields)
        composite = depth > 0 and self._left > 0
        usable = [name for name in names if composite or not _selects(type_.fields[name])]
        if not usable:
            return "__typename"
        weights = [self._weight(type_, type_.fields[name]) for name in usable]
        if sum(weights) <= 0:
            return "__typename"
        return self.rng.choices(usable, weights)[0]

    def _weight(self, type_: Composite, of: GraphQLField) -> float:
        if "pageInfo" in type_.fields:
            return 6.0 if _selects(of) else 1.5
        if _is_row(type_) and mapped_of(of) is None:
            return self.unmapped
        return 2.5 if _selects(of) else 1.0

    def _field(self, type_: Composite, name: str, depth: int) -> str:
        if name == "__typename":
            return name
        of = type_.fields[name]
        arguments = self._arguments(of, name)
        alias = f"{self._fresh('k')}: " if arguments or self._chance(0.1) else ""
        inner = ""
        if _selects(of):
            inner = self._selections(cast("Composite", named_type_of(of)), depth - 1)
        text = f"{alias}{name}{arguments}{self._directives()} {inner}".strip()
        if inner and self._chance(0.08):  # asked for twice: both selections are merged
            again = self._selections(cast("Composite", named_type_of(of)), min(depth - 1, 1))
            text = f"{text} {alias}{name}{arguments} {again}"
        elif self._chance(0.05):
            text = f"{text} {alias}{name}{arguments} {inner}"
        return text

    def _spread(self, type_: Composite, depth: int) -> str:
        known = [name for name, (of, _) in self._fragments.items() if of == type_.name]
        if known and self._chance(0.4):
            return f"...{self.rng.choice(known)}{self._directives()}"
        way = self.rng.random()
        if way < 0.35:
            text = self._selections(type_, min(depth, 2))
            name = self._fresh("F")
            self._fragments[name] = type_.name, text
            return f"...{name}{self._directives()}"
        if way < 0.5 and isinstance(type_, GraphQLObjectType) and type_.interfaces:
            other = self.rng.choice(list(type_.interfaces))
            return f"... on {other.name}{self._directives()} {self._selections(other, 0)}"
        if way < 0.6 and isinstance(type_, GraphQLInterfaceType):
            other = self.rng.choice(list(self.schema.get_possible_types(type_)))
            return f"... on {other.name}{self._directives()} {self._selections(other, depth)}"
        on = f" on {type_.name}" if self._chance(0.5) else ""
        return f"...{on}{self._directives()} {self._selections(type_, depth)}"

    def _directives(self) -> str:
        text = ""
        for name in ("include", "skip"):
            if self._chance(0.05):
                holds = self._chance(0.75) == (name == "include")
                text += f" @{name}(if: {self._boolean(holds=holds)})"
        return text

    def _boolean(self, *, holds: bool) -> str:
        if self._chance(0.5):
            return str(holds).lower()
        name = self._fresh("b")
        if self._chance(0.3):
            self._definitions.append(f"${name}: Boolean! = {str(holds).lower()}")
            return f"${name}"
        self._definitions.append(f"${name}: Boolean!")
        self.variables[name] = holds
        return f"${name}"

    def _arguments(self, of: GraphQLField, field_name: str) -> str:
        written: list[str] = []
        for name, argument in of.args.items():
            required = isinstance(type_of(argument), GraphQLNonNull)
            if required or self._chance(_GIVEN.get(name, 0.4)):
                value = self._given(argument, name, _KINDS.get(field_name, "users"))
                if value is not None:
                    written.append(f"{name}: {value}")
        return f"({', '.join(written)})" if written else ""

    def _given(self, argument: GraphQLArgument | GraphQLInputField, name: str, kind: str) -> str | None:
        """A literal, a variable, or (None) nothing."""
        type_ = type_of(argument)
        nullable = not isinstance(type_, GraphQLNonNull)
        if self._chance(0.3):
            return self._variable(type_, self._value(type_, name, kind), nullable=nullable)
        if nullable and self._chance(0.05):
            return "null"
        return self._literal(type_, name, kind)

    def _variable(self, type_: Any, value: Any, *, nullable: bool) -> str:
        name = self._fresh("v")
        way = self.rng.random()
        if nullable and way < 0.1:
            self._definitions.append(f"${name}: {type_}")  # never given
        elif nullable and way < 0.2:
            self._definitions.append(f"${name}: {type_}")
            self.variables[name] = None
        elif way < 0.35:
            self._definitions.append(f"${name}: {type_} = {_literal_of(type_, value)}")
            if nullable and self._chance(0.2):
                self.variables[name] = None
        else:
            self._definitions.append(f"${name}: {type_}")
            self.variables[name] = value
        return f"${name}"

    def _literal(self, type_: Any, name: str, kind: str) -> str:
        named = _without_non_null(type_)
        if not isinstance(named, GraphQLInputObjectType):
            return _literal_of(type_, self._value(type_, name, kind))
        parts: list[str] = []
        for one in self._inputs(named):
            given = named.fields[one]
            if named.is_one_of:
                parts.append(f"{one}: {self._literal(type_of(given), one, kind)}")
                continue
            value = self._given(given, one, kind)
            if value is not None:
                parts.append(f"{one}: {value}")
        return f"{{{', '.join(parts)}}}"

    def _value(self, type_: Any, name: str, kind: str) -> Any:
        named = _without_non_null(type_)
        if isinstance(named, GraphQLList):
            return [self._value(cast("Any", named).of_type, name, kind) for _ in range(self.rng.choice((1, 2)))]
        if isinstance(named, GraphQLInputObjectType):
            return {one: self._value(type_of(named.fields[one]), one, kind) for one in self._inputs(named)}
        if isinstance(named, GraphQLEnumType):
            return self.rng.choice(list(named.values))
        if name == "after":
            return self._cursor(kind)
        return self.rng.choice(self.words.of(name, named.name))

    def _inputs(self, type_: GraphQLInputObjectType) -> list[str]:
        if type_.is_one_of:
            return [self.rng.choice(list(type_.fields))]
        return [
            name
            for name, one in type_.fields.items()
            if isinstance(type_of(one), GraphQLNonNull) or self._chance(_GIVEN.get(name, 0.3))
        ]

    def _cursor(self, kind: str) -> str:
        way = self.rng.random()
        if way < 0.8 and self.words.cursors.get(kind):
            return self.rng.choice(self.words.cursors[kind])
        if way < 0.9:
            return self.rng.choice(self.words.cursors[self.rng.choice(list(self.words.cursors))])
        return self.rng.choice(_FORGED)

    def _fresh(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share


_KINDS: Final = {
    "organizations": "organizations", "children": "organizations", "assignments": "assignments",
    "studentGroups": "student groups",
}  # fmt: skip
_GIVEN: Final = {"first": 0.45, "after": 0.18, "filter": 0.35, "orderBy": 0.1, "atLeast": 0.1, "actingAs": 0.1}
"""How often an optional argument or input field is given."""
_FORGED: Final = (
    "", "nonsense", "é", "AAAAAAAAAAAA", base64.urlsafe_b64encode(b"\0" * 5 + b'["users","a","b"]').decode(), "a" * 300,
)  # fmt: skip


def _selects(of: GraphQLField) -> bool:
    return isinstance(named_type_of(of), GraphQLObjectType | GraphQLInterfaceType)


def _is_row(type_: Composite) -> bool:
    """Whether some fields of the type are mapped: then asking for one that isn't leaves the compiled path."""
    return any(mapped_of(one) is not None for one in type_.fields.values()) and type_.name != "Viewer"


def _without_non_null(type_: Any) -> Any:
    return cast("Any", type_).of_type if isinstance(type_, GraphQLNonNull) else type_


def _literal_of(type_: Any, value: Any) -> str:
    """The value as it is written in a document."""
    named = _without_non_null(type_)
    if value is None:
        return "null"
    if isinstance(named, GraphQLList):
        inner = cast("Any", named).of_type
        return f"[{', '.join(_literal_of(inner, one) for one in value)}]"
    if isinstance(named, GraphQLInputObjectType):
        parts = (f"{name}: {_literal_of(type_of(named.fields[name]), one)}" for name, one in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(named, GraphQLEnumType):
        return str(value)
    return orjson.dumps(value).decode()
