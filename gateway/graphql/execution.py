"""Runs one operation: who asks, in which state of the database, and what becomes of the result."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    VariableNode,
    execute,  # pyright: ignore[reportUnknownVariableType] - the library leaves a parameter's type open
)
from starlette.requests import Request

from gateway.caller_memory import Remembered
from gateway.graphql.asking import asking_of
from gateway.graphql.cost import objects_in
from gateway.graphql.documents import Document
from gateway.graphql.plans import Plans, Ready
from gateway.graphql.reading import read
from gateway.graphql.reads.code import NotMappedError
from gateway.logging import logger
from gateway.refusals import RefusedError
from gateway.remembered import asked_by_caller
from gateway.state import gateway_of
from policy.caller import Caller, PersonCaller, SystemCaller
from resolvers.asking import Asking, Reads
from resolvers.attempts import record_attempt
from resolvers.refusals import RefusedError as Refused
from store.marks import CallerChangedError, verify_mark

_log = logger("hallpass.graphql")


@dataclass(frozen=True, slots=True)
class Run:
    """A document's operation, chosen and ready to be executed."""

    document: Document
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    admit: Callable[[Caller], None] | None = None
    """Called with the caller before anything runs; raises RefusedError for one who has nothing left. Idempotent."""

    @property
    def is_query(self) -> bool:
        return self.operation.operation is OperationType.QUERY

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running an operation gave. `data`: as values or as JSON; None and no path in any error: it didn't run."""

    data: Mapping[str, Any] | bytes | None
    errors: list[GraphQLError]
    objects: int
    """In the data, the data itself not counted."""

    @property
    def was_run(self) -> bool:
        return self.data is not None or any(error.path for error in self.errors)


async def carry_out(request: Request, schema: GraphQLSchema, plans: Plans, run: Run) -> Outcome:
    """The operation's outcome for the caller of this request: by its compiled read, or else by the executor.

    Raises RefusedError for credentials that aren't good.
    """

    async def work(known: Remembered) -> Outcome:
        if run.admit is not None:
            run.admit(known.caller)
        if run.is_query:
            try:
                ready = ready_read(plans, run, known)
                if ready is not None:
                    asking = asking_in_memory(request, known)
                    return Outcome(*await read(gateway_of(request).pool, known, asking, ready))
            except (CallerChangedError, RefusedError):
                raise
            except NotMappedError:
                pass  # arguments that the executor refuses with its own words
            except Exception as error:  # noqa: BLE001 - the executor tells what broke at the field where it breaks
                _log.error("a compiled read failed", operation=run.name, exc_info=error)
        return await executed(request, schema, run, known)

    return await asked_by_caller(request, work)


def ready_read(plans: Plans, run: Run, known: Remembered) -> Ready | None:
    systems = known.caller.systems if isinstance(known.caller, PersonCaller | SystemCaller) else None
    return plans.of(run.document, run.operation, known).ready(run.variables, systems)


async def executed(request: Request, schema: GraphQLSchema, run: Run, known: Remembered) -> Outcome:
    """The operation's outcome by the executor. Raises CallerChangedError where the caller isn't what she was."""
    reads = Reads(gateway_of(request).pool)
    try:
        await reads.run(lambda connection: verify_mark(connection, known.mark))
        asking = asking_of(request, known, reads)
        if run.is_query and _has_several_roots(run.operation):
            reads.begin_snapshot()
        found = execute(
            schema,
            run.document.node,
            context_value=asking,
            variable_values=dict(run.variables),
            operation_name=run.name,
        )
        result = found if isinstance(found, ExecutionResult) else await found
        if not run.is_query:
            await _record_attempts(asking, result, run)
        return Outcome(result.data, result.errors or [], objects_in(result.data))
    finally:
        await reads.close()


async def _record_attempts(asking: Asking, result: ExecutionResult, run: Run) -> None:
    for error in result.errors or ():
        field = error.nodes[0] if error.nodes else None
        if isinstance(error.original_error, Refused) and isinstance(field, FieldNode) and len(error.path or ()) == 1:
            sent = tuple(_sent(field, run.variables))
            await record_attempt(asking, field.name.value, error.original_error.code, sent)


def _sent(field: FieldNode, variables: Mapping[str, Any]) -> Iterator[str]:
    """Every text among the field's arguments, written out or by variables."""
    waiting: list[Any] = [argument.value for argument in field.arguments or ()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, VariableNode):
            waiting.append(variables.get(one.name.value))
        elif isinstance(one, ObjectValueNode):
            waiting.extend(part.value for part in one.fields)
        elif isinstance(one, ListValueNode):
            waiting.extend(one.values)
        elif isinstance(one, dict):
            waiting.extend(cast(dict[str, Any], one).values())
        elif isinstance(one, list):
            waiting.extend(cast(list[Any], one))
        elif isinstance(one, str | StringValueNode):
            yield one if isinstance(one, str) else one.value


def asking_in_memory(request: Request, known: Remembered) -> Asking:
    """The context of what compiled reads take from memory: the same for each of the caller's requests."""
    found: Asking | None = known.notes.get(Asking)
    if found is None:
        found = known.notes[Asking] = asking_of(request, known)
    return found


def _has_several_roots(operation: OperationDefinitionNode) -> bool:
    """Several root fields are read in one state of the database, so that they agree with each other."""
    fields = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    return len(fields) != 1 or len(operation.selection_set.selections) > 1
