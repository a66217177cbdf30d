"""A page of users with assignments, roles and organizations, as an LEA coordinator asks for it in her session."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson

from bench import bare
from bench.apps.statement import StatementJob
from bench.apps.users_sql import ONE_STATEMENT
from bench.coordinator import Coordinator, signed_in_coordinator
from bench.errors import BenchError
from bench.hallpass import NAME, gateway
from bench.http import answer_to, request_bytes
from bench.http_contender import UNIT, http_contender
from bench.load.job import Job
from bench.servers import Server, ServerCommand, running
from bench.sight import PAGE
from bench.state import State
from bench.statement_contender import statement_contender
from bench.trial import Case, Contender, Kind, Trial
from bench.workshop import Workshop

_DOCUMENT = """
query Users {
  users(first: 50) { edges { node {
    id firstName lastName email
    assignments { edges { node {
      id role { code label } schoolYear status organization { id code name level }
    } } }
  } } }
}
"""
_PEER = "plain strawberry and DataLoaders"
_ROUTE = "bare route, the one statement"
_LEAST_SHARE = 0.98
"""Of the first answer's length: what is shorter is another answer."""


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    async with AsyncExitStack() as stack:
        yield [await _trial(workshop, await workshop.state(size), stack) for size in workshop.options.sizes]


async def _trial(workshop: Workshop, state: State, stack: AsyncExitStack) -> Trial:
    """Every server is asked the same document and has given the same answer, but for Hallpass's judging of it."""
    coordinator = await signed_in_coordinator(state.url)
    variables, connections = coordinator.sight.variables(), workshop.options.connections

    async def server(command: ServerCommand) -> Server:
        return await stack.enter_async_context(running(command, workshop.folder))

    ours = await server(gateway(state.directory))
    peer = await server(bare.app("users_strawberry", state.url, variables))
    route = await server(bare.app("users_route", state.url, variables))
    plain = await server(bare.app("bare"))
    expected = await _users(ours, coordinator)
    for other in (peer, route):
        if await _users(other, coordinator) != expected:
            raise BenchError(f"{other.name} does not give the answer that Hallpass gives: they can't be compared.")
    least = int(len(orjson.dumps(expected)) * _LEAST_SHARE)
    contenders = [
        _asking(NAME, Kind.OURS, ours, coordinator, connections, least),
        _asking(_PEER, Kind.PEER, peer, coordinator, connections, least),
        _asking(_ROUTE, Kind.LIMIT, route, coordinator, connections, least),
        statement_contender(_statement(state.url, coordinator, connections)),
        bare.small_json(workshop.options, plain),
    ]
    note = (
        f"{len(expected)} of the {coordinator.users:,} users that the coordinator sees, the same answer from each; "
        "only Hallpass looks up the session and judges what may be seen."
    )
    return Trial(f"users(first: {PAGE}) at {state.users:,} users", UNIT, contenders, notes=[note])


async def _users(server: Server, coordinator: Coordinator) -> list[dict[str, Any]]:
    """The users of one answer. Raises BenchError for an answer with errors or without users."""
    answer = await answer_to(server.port, _request(server, coordinator))
    body = answer.json() if answer.status == 200 else None
    match body:
        case {"data": {"users": {"edges": [_, *_] as edges}}, **more} if not more:
            return [edge["node"] for edge in edges]
        case _:
            raise BenchError(f"{server.name} gave no list of users: {answer.status} {answer.body[:500].decode()}")


def _request(server: Server, coordinator: Coordinator) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Cookie": coordinator.cookie}
    return request_bytes("POST", "/graphql", server.port, orjson.dumps({"query": _DOCUMENT}), headers)


def _asking(
    name: str, kind: Kind, server: Server, coordinator: Coordinator, connections: int, least_bytes: int
) -> Contender:
    request = _request(server, coordinator)
    return http_contender(
        name, kind, lambda seconds: Job(server.port, request, connections, seconds, least_bytes=least_bytes)
    )


def _statement(url: str, coordinator: Coordinator, connections: int) -> StatementJob:
    sight = coordinator.sight
    parameters = (*sight.parameters, PAGE, sight.own)
    return StatementJob(url, ONE_STATEMENT, parameters, min(connections, bare.POOL_SIZE), seconds=1)


CASE = Case("users", "A page of users", _prepare)
