"""Plans: one bounded cache from (document, what the caller could ever see, epoch) to an operation ready to be run."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues, get_variable_values

from gateway.caller_memory import Remembered
from gateway.graphql.documents import Document
from gateway.graphql.reads.code import NotMappedError
from gateway.graphql.reads.compiler import CompiledRead, compile_read
from gateway.graphql.reads.rows import mapped_of
from gateway.graphql.reads.running import Memo, new_memos
from gateway.graphql.reads.selecting import NO_VALUES, Selecting
from gateway.graphql.reads.sight import Sight, rules_in, sight_of
from gateway.recent import Recent
from policy.access import AccessRule
from policy.ids import System
from schema.build import BuiltSchema
from schema.mapping import PageOf, RowOf

MOST_PLANS: Final = 1_000
MOST_VARIANTS: Final = 20
"""Of one plan: by the values of variables that decide what its statements look like."""
_MOST_WRITTEN: Final = 50
_LONGEST_KEY: Final = 100


@dataclass(frozen=True, slots=True)
class Ready:
    """A compiled read with the variables of one request."""

    read: CompiledRead
    values: VariableValues
    memos: defaultdict[int, Memo]
    """Of this variant alone: another one shows other fields of the same values."""


@dataclass(slots=True, eq=False)
class Plan:
    """One operation of a valid document for callers of one sight, at one epoch."""

    schema: BuiltSchema
    document: Document
    operation: OperationDefinitionNode
    sight: Sight
    _deciding: tuple[str, ...] = field(init=False)
    _variants: Recent[bytes, CompiledRead | None] = field(
        default_factory=lambda: Recent[bytes, CompiledRead | None](MOST_VARIANTS), init=False
    )
    _memos: Recent[Hashable, defaultdict[int, Memo]] = field(
        default_factory=lambda: Recent[Hashable, defaultdict[int, Memo]](_MOST_WRITTEN), init=False
    )

    def __post_init__(self) -> None:
        self._deciding = tuple(sorted(_deciding_variables(self.schema, self.document, self.operation)))

    def ready(self, variables: Mapping[str, Any], systems: frozenset[System] | None) -> Ready | None:
        """The compiled read; None: the operation isn't one, or its variables are wrong, and the executor runs it."""
        if not self.operation.variable_definitions:
            read = self._variants.get(b"") if b"" in self._variants else self._compiled(b"", NO_VALUES)
            return None if read is None else Ready(read, NO_VALUES, self._memos_for(read, systems))
        values = get_variable_values(
            self.schema.graphql, self.operation.variable_definitions, dict(variables), hide_suggestions=True
        )
        if isinstance(values, list):
            return None
        key = _key_of({name: variables[name] for name in self._deciding if name in variables})
        read = self._variants.get(key) if key in self._variants else self._compiled(key, values)
        return None if read is None else Ready(read, values, self._memos_for(read, systems))

    def _compiled(self, key: bytes, values: VariableValues) -> CompiledRead | None:
        try:
            selecting = Selecting(self.schema.graphql, self.document, self.operation, values)
            read = compile_read(self.schema, selecting, self.sight)
        except (NotMappedError, GraphQLError):  # the other executor says what is wrong, at the field where it is
            read = None
        self._variants.put(key, read)
        return read

    def _memos_for(self, read: CompiledRead, systems: frozenset[System] | None) -> defaultdict[int, Memo]:
        key = read.project, systems
        memos = self._memos.get(key)
        if memos is None:
            memos = new_memos()
            self._memos.put(key, memos)
        return memos


class Plans:
    """The plans of one schema, least recently used first out. A change of packs or years is another epoch."""

    def __init__(self, schema: BuiltSchema, most: int = MOST_PLANS) -> None:
        self._schema = schema
        self._rules: tuple[AccessRule, ...] = rules_in(schema.access)
        self._kept = Recent[Hashable, Plan](most)

    def of(self, document: Document, operation: OperationDefinitionNode, known: Remembered) -> Plan:
        """The plan for this caller's kind, made at its first use."""
        sight = self._sight(known)
        key = id(document.node), id(operation), sight, known.in_force.epoch
        found = self._kept.get(key)
        if found is None:
            found = Plan(self._schema, document, operation, sight)  # which keeps the document, and so its id
            self._kept.put(key, found)
        return found

    def _sight(self, known: Remembered) -> Sight:
        found = known.notes.get(self)
        if found is None:
            found = known.notes[self] = sight_of(known.caller, self._rules)
        return found


def _key_of(values: Mapping[str, Any]) -> bytes:
    """What isn't given differs from null; long values are known by their digest."""
    key = orjson.dumps(values)
    return key if len(key) <= _LONGEST_KEY else b"#" + sha256(key).digest()


def _deciding_variables(schema: BuiltSchema, document: Document, operation: OperationDefinitionNode) -> frozenset[str]:
    """The variables by which a compiled read differs: all but those that only a root's statement takes as values."""
    query = schema.graphql.query_type
    decide: list[Node | None] = []
    for one in operation.selection_set.selections:
        mapped = None
        if isinstance(one, FieldNode) and query is not None and one.name.value in query.fields:
            mapped = mapped_of(query.fields[one.name.value])
        if isinstance(one, FieldNode) and isinstance(mapped, PageOf | RowOf):
            decide += [*(one.directives or ()), one.selection_set]
        else:
            decide.append(one)
    decide += [one for one in document.node.definitions if not isinstance(one, OperationDefinitionNode)]
    return frozenset(_variables_in(decide))


class _Variables(Visitor):
    """Collects the names of the variables below a node."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)


def _variables_in(nodes: Iterable[Node | None]) -> set[str]:
    collecting = _Variables()
    for one in nodes:
        if one is not None:
            visit(one, collecting)
    return collecting.names
