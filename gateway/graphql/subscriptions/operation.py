"""One operation over a socket: a query's answer, or a subscription's events, each judged for the caller as she is."""

import inspect
from collections.abc import AsyncIterator
from typing import Any, Final, Protocol, cast

import orjson
from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    OperationType,
    create_source_event_stream,  # pyright: ignore[reportUnknownVariableType] - as with `execute`
    execute,  # pyright: ignore[reportUnknownVariableType] - the library leaves a parameter's type open
)
from starlette.requests import HTTPConnection, Request

from gateway.caller_memory import Remembered
from gateway.graphql.answering import answered
from gateway.graphql.asking import asking_of
from gateway.graphql.deadline import Deadline
from gateway.graphql.documents import MalformedError
from gateway.graphql.errors import formatted
from gateway.graphql.execution import Run
from gateway.graphql.media import GRAPHQL_JSON
from gateway.graphql.preparing import Prepared, prepared
from gateway.graphql.service import service_of
from gateway.graphql.submission import submission_of
from gateway.graphql.subscriptions.feed import FollowedChanges
from gateway.graphql.subscriptions.protocol import Message, written
from gateway.observation import request_id_of
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from resolvers.asking import Asking, Reads
from resolvers.following import Source

_EXECUTOR: Any = Executor  # generic in a context that the library leaves open
_ENDED: Final = "You may not follow this any more: your access has changed."
_NO_MUTATIONS: Final = "Mutations aren't carried out over a WebSocket: send them by POST."


class Asker(Protocol):
    """The socket, as an operation needs it."""

    @property
    def connection(self) -> HTTPConnection: ...
    async def caller(self, *, anew: bool = False) -> Remembered: ...
    async def send(self, text: str) -> None: ...


class _StoppedError(Exception):
    """The operation ends with an error message."""

    def __init__(self, message: str) -> None:
        super().__init__("The operation is refused.")
        self.message = message


class Operation:
    """What one `subscribe` message asks for."""

    def __init__(self, asker: Asker, message: Message) -> None:
        self._asker = asker
        self._message = message
        self._run: Run | None = None
        self._source: Source[object] | None = None

    async def run(self) -> str:
        """Sends what there is to tell; the message that ends it, after which its id is free."""
        try:
            ready = self._prepared()
            match ready.run.operation.operation:
                case OperationType.QUERY:
                    await self._answer()
                case OperationType.SUBSCRIPTION:
                    await self._tell(ready)
                case _:
                    return self.refused(Kind.BAD_USER_INPUT, _NO_MUTATIONS)
        except _StoppedError as stopped:
            return stopped.message
        except MalformedError as malformed:
            return self._failed(malformed.errors)
        except RefusedError as refused:
            return self.refused(refused.kind, refused.message)
        return written("complete", self._message.id)

    async def refused_now(self) -> str | None:
        """The message that ends a subscription which its caller may not have any more; None: she may."""
        if self._run is None or self._source is None:
            return None
        try:
            await self._judged(self._run, self._source.probe())
        except _StoppedError as stopped:
            return stopped.message
        return None

    def refused(self, kind: Kind, sentence: str) -> str:
        extensions = {"code": kind.value, "requestId": request_id_of(self._asker.connection.scope)}
        return written("error", self._message.id, [{"message": sentence, "extensions": extensions}])

    def _prepared(self) -> Prepared:
        connection = self._asker.connection
        address = connection.client.host if connection.client else ""
        settings = gateway_of(connection).settings
        return prepared(service_of(connection), submission_of(self._message.payload), settings, address)

    async def _answer(self) -> None:
        """As over HTTP, with all its limits: by a GET, which changes nothing."""
        connection = self._asker.connection
        request = Request({**connection.scope, "type": "http", "method": "GET"})
        async with Deadline(gateway_of(connection).settings.graphql_deadline):
            answer = await answered(request, service_of(request), self._message.payload, GRAPHQL_JSON)
        if answer.status != 200:
            raise _StoppedError(written("error", self._message.id, orjson.loads(answer.body)["errors"]))
        await self._asker.send(written("next", self._message.id, orjson.Fragment(answer.body)))

    async def _tell(self, ready: Prepared) -> None:
        ready.admission.enter((await self._asker.caller(anew=True)).caller)
        self._run = run = ready.run
        source = await self._begun(run)
        self._source = cast("Source[object]", source)
        try:
            async for event in source:
                await self._next(await self._judged(run, event))
        finally:
            await self._source.aclose()

    async def _begun(self, run: Run) -> AsyncIterator[Any]:
        """The source of the events: asked for with a connection that is given back at once."""
        reads = Reads(gateway_of(self._asker.connection).pool)
        try:
            executor = _EXECUTOR.build(
                service_of(self._asker.connection).schema.graphql,
                run.document.node,
                context_value=await self._asking(reads),
                raw_variable_values=dict(run.variables),
                operation_name=run.name,
            )
            if isinstance(executor, list):
                raise _StoppedError(self._failed(cast("list[GraphQLError]", executor)))
            found = create_source_event_stream(executor)
            source = await found if inspect.isawaitable(found) else found
        finally:
            await reads.close()
        if isinstance(source, ExecutionResult):
            raise _StoppedError(self._failed(source.errors or []))
        return cast("AsyncIterator[Any]", source)

    async def _judged(self, run: Run, event: object) -> ExecutionResult:
        """One event's result, by the schema's rules for the caller as she is; what is withheld ends the operation."""
        reads = Reads(gateway_of(self._asker.connection).pool)
        try:
            found = execute(
                service_of(self._asker.connection).schema.graphql,
                run.document.node,
                root_value=event,
                context_value=await self._asking(reads),
                variable_values=dict(run.variables),
                operation_name=run.name,
            )
            result = found if isinstance(found, ExecutionResult) else await found
        finally:
            await reads.close()
        if not result.data or any(value is None for value in result.data.values()):
            raise _StoppedError(self.refused(Kind.FORBIDDEN, _ENDED))
        return result

    async def _asking(self, reads: Reads) -> Asking:
        gateway = gateway_of(self._asker.connection)
        changes = FollowedChanges(gateway.live.feed, gateway.live.progress, gateway.pool, gateway.packs.at)
        return asking_of(self._asker.connection, await self._asker.caller(), reads, changes)

    async def _next(self, result: ExecutionResult) -> None:
        """A result without any data is an error of the operation: it couldn't be run."""
        if result.data is None and not any(error.path for error in result.errors or ()):
            raise _StoppedError(self._failed(result.errors or []))
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload["errors"] = formatted(result.errors, request_id_of(self._asker.connection.scope))
        await self._asker.send(written("next", self._message.id, payload))

    def _failed(self, errors: list[GraphQLError]) -> str:
        told = formatted(errors, request_id_of(self._asker.connection.scope))
        return written("error", self._message.id, told)
