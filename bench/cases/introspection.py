"""Introspection of a system's token, beside npm oidc-provider and the one statement that proves the answer."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlencode
from uuid import UUID

from bench import bare, oidc_provider
from bench.apps.statement import StatementJob
from bench.client import CLIENT_ID, CLIENT_SECRET
from bench.errors import BenchError
from bench.hallpass import NAME, gateway
from bench.http import answer_to, basic, request_bytes
from bench.http_contender import UNIT, loaded, sample_of
from bench.load.job import Job
from bench.npm import PeerMissingError
from bench.servers import Server, running
from bench.statement_contender import statement_contender
from bench.trial import Case, Contender, Kind, Sample, Target, Trial
from bench.workshop import Workshop
from store.introspection import marks_statement

_LEAST_BYTES = 100
"""`{"active":false}` is shorter."""
_NOTE = (
    "Hallpass looks for each request whether caller, client and token are what they were, for those that arrive "
    "together in one statement; the peer keeps all in memory, and its token is opaque."
)
_HEADERS: Mapping[str, str] = {"Content-Type": "application/x-www-form-urlencoded"}


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    state, options = await workshop.smallest_state(), workshop.options
    notes = [_NOTE]
    targets: list[Target] = []
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(running(gateway(state.directory), workshop.folder))
        contenders = [await _asking(NAME, Kind.OURS, ours, "/oauth2/token", "/oauth2/introspect", options.connections)]
        try:
            peer = await stack.enter_async_context(
                running(await workshop.npm_peer(oidc_provider.opaque_tokens), workshop.folder)
            )
            beside = oidc_provider.NAME
            contenders.append(
                await _asking(beside, Kind.PEER, peer, "/token", "/token/introspection", options.connections)
            )
            targets.append(Target(beside, 1.5, "issue 5"))
        except PeerMissingError as error:
            notes.append(f"Left out: {oidc_provider.NAME}: {error}.")
        plain = await stack.enter_async_context(running(bare.app("bare"), workshop.folder))
        contenders += [
            statement_contender(_statement(state.url, options.connections)),
            bare.small_json(options, plain),
        ]
        yield [Trial("introspection of an access token", UNIT, contenders, targets=targets, notes=notes)]


async def _asking(name: str, kind: Kind, server: Server, token_path: str, path: str, connections: int) -> Contender:
    """A contender whose first answer was looked at; a token lives five minutes, so each sample has one of its own."""
    if not (await answer_to(server.port, await _question(server, token_path, path))).json().get("active"):
        raise BenchError(f"{name} does not find its own token active.")

    async def measure(seconds: float) -> Sample:
        request = await _question(server, token_path, path)
        return sample_of(await loaded(Job(server.port, request, connections, seconds, least_bytes=_LEAST_BYTES)))

    return Contender(name, kind, measure)


async def _question(server: Server, token_path: str, path: str) -> bytes:
    headers = {**basic(CLIENT_ID, CLIENT_SECRET), **_HEADERS}
    asked = request_bytes("POST", token_path, server.port, b"grant_type=client_credentials", headers)
    token = (await answer_to(server.port, asked)).json()["access_token"]
    return request_bytes("POST", path, server.port, urlencode({"token": token}).encode(), headers)


def _statement(url: str, connections: int) -> StatementJob:
    parameters = [CLIENT_ID], [CLIENT_ID], [None], [str(UUID(int=0))]
    return StatementJob(url, marks_statement(), parameters, min(connections, bare.POOL_SIZE), seconds=1)


CASE = Case("introspection", "Introspection by a resource server", _prepare)
