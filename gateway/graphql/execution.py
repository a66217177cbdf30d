"""Runs one operation: who asks, in which state of the database, and what becomes of the result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,  # pyright: ignore[reportUnknownVariableType] - the library leaves a parameter's type open
)
from starlette.requests import Request

from gateway.access_cache import today_of
from gateway.graphql.documents import Document
from gateway.observation import request_id_of
from gateway.principal import caller_of
from gateway.state import gateway_of
from gateway.student_keys import student_key
from policy.caller import Caller
from resolvers.asking import Asking, Clock, Reads
from resolvers.attempts import record_attempt
from resolvers.refusals import RefusedError as Refused
from store.people import load_years


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


async def carry_out(request: Request, schema: GraphQLSchema, run: Run) -> ExecutionResult:
    """The operation's result, for the caller of this request. Raises RefusedError for credentials that aren't good."""
    reads = Reads(gateway_of(request).pool)
    try:
        asking = await _asking(request, reads, run)
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
            await _record_attempts(asking, result)
        return result
    finally:
        await reads.close()


async def _record_attempts(asking: Asking, result: ExecutionResult) -> None:
    for error in result.errors or ():
        field = error.nodes[0] if error.nodes else None
        if isinstance(error.original_error, Refused) and isinstance(field, FieldNode) and len(error.path or ()) == 1:
            await record_attempt(asking, field.name.value, error.original_error.code)


async def _asking(request: Request, reads: Reads, run: Run) -> Asking:
    gateway = gateway_of(request)
    caller = await reads.run(lambda connection: caller_of(request, connection))
    if run.admit is not None:
        run.admit(caller)
    now = gateway.now()
    return Asking(
        caller=caller,
        packs=gateway.packs.current,
        years=await reads.run(load_years),
        clock=Clock(now, today_of(gateway.settings, now)),
        reads=reads,
        new_id=gateway.new_id,
        student_key=lambda number: student_key(gateway.secret_key, number),
        request_id=request_id_of(request.scope),
    )


def _has_several_roots(operation: OperationDefinitionNode) -> bool:
    """Several root fields are read in one state of the database, so that they agree with each other."""
    fields = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    return len(fields) != 1 or len(operation.selection_set.selections) > 1
