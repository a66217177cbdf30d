"""Tokens for systems: client_credentials with an ES256 access token, beside npm oidc-provider and bare routes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bench import bare, oidc_provider
from bench.apps.statement import StatementJob
from bench.client import CLIENT_ID, CLIENT_SECRET
from bench.errors import BenchError
from bench.hallpass import NAME, gateway
from bench.http import answer_to, basic, request_bytes
from bench.http_contender import UNIT, http_contender
from bench.load.job import Job
from bench.npm import PeerMissingError
from bench.servers import Server, running
from bench.statement_contender import statement_contender
from bench.trial import Case, Contender, Kind, Target, Trial
from bench.workshop import Workshop
from store.statements import statements

_FORM = b"grant_type=client_credentials"
_LEAST_BYTES = 300
"""A signed token is longer; an opaque one is not, and would be no comparison."""


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    state, options = await workshop.smallest_state(), workshop.options
    notes = ["Hallpass asks the database each time whether its client has changed; the peer keeps it in memory."]
    targets: list[Target] = []
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(running(gateway(state.directory), workshop.folder))
        contenders = [await _asking(NAME, Kind.OURS, ours, "/oauth2/token", options.connections)]
        try:
            peer = await stack.enter_async_context(
                running(await workshop.npm_peer(oidc_provider.oidc_provider), workshop.folder)
            )
            targets.append(Target(oidc_provider.NAME, 1.25, "issue 5"))
            contenders.append(await _asking(oidc_provider.NAME, Kind.PEER, peer, "/token", options.connections))
        except PeerMissingError as error:
            notes.append(f"Left out: {oidc_provider.NAME}: {error}.")
        signing = await stack.enter_async_context(running(bare.app("bare_token", state.url), workshop.folder))
        plain = await stack.enter_async_context(running(bare.app("bare"), workshop.folder))
        contenders += [
            await _asking("bare route that signs", Kind.LIMIT, signing, "/token", options.connections),
            await _asking("and runs the statement", Kind.LIMIT, signing, "/token-with-statement", options.connections),
            statement_contender(_statement(state.url, options.connections)),
            bare.small_json(options, plain),
        ]
        yield [Trial("client_credentials, ES256 access token", UNIT, contenders, targets=targets, notes=notes)]


async def _asking(name: str, kind: Kind, server: Server, path: str, connections: int) -> Contender:
    """A contender whose first answer was looked at: it is a signed access token."""
    headers = basic(CLIENT_ID, CLIENT_SECRET) | {"Content-Type": "application/x-www-form-urlencoded"}
    request = request_bytes("POST", path, server.port, _FORM, headers)
    answer = await answer_to(server.port, request)
    if answer.status != 200 or answer.json()["access_token"].count(".") != 2:
        raise BenchError(f"{name} gave no signed access token: {answer.status} {answer.body.decode()[:500]}")
    return http_contender(
        name, kind, lambda seconds: Job(server.port, request, connections, seconds, least_bytes=_LEAST_BYTES)
    )


def _statement(url: str, connections: int) -> StatementJob:
    text = statements("relying_parties")["with_resource"]
    return StatementJob(url, text, (CLIENT_ID, None), min(connections, bare.POOL_SIZE), seconds=1)


CASE = Case("token", "Tokens for systems", _prepare)
