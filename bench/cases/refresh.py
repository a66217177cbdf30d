"""Refresh with rotation: a new refresh token each time, durably written, beside a bare route that writes one row."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bench import bare
from bench.callers import refresh_token
from bench.client import CLIENT_SECRET, DIRECTORY_CLIENT_ID
from bench.coordinator import signed_in_coordinator
from bench.hallpass import NAME, gateway
from bench.http import basic, request_bytes
from bench.http_contender import UNIT, http_contender, loaded, sample_of
from bench.load.job import PLACE, Job
from bench.servers import Server, running
from bench.trial import Case, Contender, Kind, Sample, Target, Trial
from bench.workshop import Workshop
from store.database import open_connection

_BARE = "bare route, one durable row"
_HEADERS = basic(DIRECTORY_CLIENT_ID, CLIENT_SECRET) | {"Content-Type": "application/x-www-form-urlencoded"}
_FORM = b"grant_type=refresh_token&refresh_token="
_WITHOUT_OPENID = b"scope=directory.read+offline_access&"
"""Asked for less than was granted (RFC 6749 section 6): the person was told to the party at sign-in."""
_TOKEN_LENGTH = 43
_EARLIER = """
insert into hallpass.refresh_tokens (token_hash, authorization_id, issued_at, used_at)
select sha256(('earlier ' || n)::bytea), (select authorization_id from hallpass.refresh_tokens limit 1), now(), now()
from generate_series(1, 20000) n
on conflict do nothing
"""
_LEAST_BYTES = 600
"""With access token and refresh token it is longer; with an ID token, twice as long."""


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    state, connections = await workshop.smallest_state(), workshop.options.connections
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(running(gateway(state.directory), workshop.folder))
        coordinator = await signed_in_coordinator(state.url)
        await refresh_token(ours, coordinator.cookie)
        await _in_use(state.owner_url)
        durable = await stack.enter_async_context(running(bare.app("durable", state.url), workshop.folder))
        plain = await stack.enter_async_context(running(bare.app("bare"), workshop.folder))
        write = request_bytes("POST", "/write", durable.port, _FORM + b"x" * _TOKEN_LENGTH, _HEADERS)
        limits = [
            http_contender(_BARE, Kind.LIMIT, lambda seconds: Job(durable.port, write, connections, seconds)),
            bare.small_json(workshop.options, plain),
        ]

        def refreshing(asked: bytes) -> Contender:
            return Contender(
                NAME, Kind.OURS, lambda seconds: _refreshed(ours, coordinator.cookie, asked, connections, seconds)
            )

        notes = ["Each connection has a refresh token of its own, and sends the one that it was last given."]
        yield [
            Trial(
                "refresh with rotation, ES256 access token", UNIT, [refreshing(_WITHOUT_OPENID), *limits],
                targets=[Target(_BARE, 0.5, "issue 5")], notes=notes,
            ),
            Trial("refresh with rotation, ES256 access token and ID token", UNIT, [refreshing(b""), *limits]),
        ]  # fmt: skip


async def _in_use(owner_url: str) -> None:
    """As many tokens as a gateway in use keeps, and statistics of them: a plan for an empty table reads all of it."""
    connection = await open_connection(owner_url, None)
    try:
        await connection.execute(_EARLIER)
        await connection.execute("analyze")
    finally:
        await connection.close()


async def _refreshed(server: Server, cookie: str, asked: bytes, connections: int, seconds: float) -> Sample:
    """Every answer brings the next refresh token: one that was used before would be refused."""
    form = asked + _FORM
    first = tuple([await refresh_token(server, cookie) for _ in range(connections)])
    sized = request_bytes("POST", "/oauth2/token", server.port, form + b"x" * _TOKEN_LENGTH, _HEADERS)
    request = sized.replace(b"x" * _TOKEN_LENGTH, PLACE)
    return sample_of(
        await loaded(
            Job(
                server.port,
                request,
                connections,
                seconds,
                least_bytes=_LEAST_BYTES,
                renewed="refresh_token",
                first=first,
            )
        )
    )


CASE = Case("refresh", "Refresh tokens", _prepare)
