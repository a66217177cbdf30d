"""A page of users with assignments, roles and organizations, as an LEA coordinator asks: by token, in session."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from bench import bare, postgraphile
from bench.apps.statement import StatementJob
from bench.apps.users_sql import rows_statement
from bench.asking import Asking, rate
from bench.callers import Caller
from bench.errors import BenchError
from bench.hallpass import NAME
from bench.http_contender import UNIT
from bench.npm import PeerMissingError
from bench.servers import Server
from bench.sight import PAGE, Sight
from bench.site import Site, growth, sites
from bench.statement_contender import statement_contender
from bench.trial import Case, Contender, Kind, Target, Trial
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
_BODY = orjson.dumps({"query": _DOCUMENT})
_JSON = "bare route, JSON made in SQL"
_ROWS = "bare route, rows through orjson"
_STRAWBERRY = "plain strawberry, caches, DataLoaders"
_TARGETS = (
    Target(_JSON, 0.9, "issue 3"),
    Target(_ROWS, 0.9, "issue 3"),
    Target(_STRAWBERRY, 15, "issue 3"),
    Target(postgraphile.NAME, 2, "issue 3"),
)


@dataclass(frozen=True, slots=True)
class _Way:
    """How the coordinator asks, and what she is answered then."""

    name: str
    title: str
    caller: Caller
    sight: Sight


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    async with sites(workshop) as built:
        trials: list[Trial] = []
        grown: dict[str, list[tuple[Site, Asking]]] = {}
        for site in built:
            plain = await site.started(bare.app("bare"))
            peer, notes = await _postgraphile(site)
            for way in _ways(site):
                contest = await _Contest.begun(site, way)
                contenders = [*await contest.beside(peer), bare.small_json(workshop.options, plain)]
                title = f"users(first: {PAGE}) {way.title} at {site.state.users:,} users"
                trials.append(Trial(title, UNIT, contenders, targets=_TARGETS, notes=[contest.note(), *notes]))
                grown.setdefault(way.title, []).append((site, contest.ours))
        yield [
            *trials,
            *(one for title, asked in grown.items() for one in growth(f"users(first: {PAGE}) {title}", asked)),
        ]


def _ways(site: Site) -> list[_Way]:
    return [
        _Way("token", "by token", site.person, site.coordinator.told),
        _Way("session", "in session", site.session, site.coordinator.sight),
    ]


async def _postgraphile(site: Site) -> tuple[Server | None, list[str]]:
    """The peer on the site's database; None with a note where it can't be installed."""
    try:
        command = await site.workshop.npm_peer(lambda: postgraphile.postgraphile(site.state, site.credentials))
    except PeerMissingError as error:
        return None, [f"Left out: {postgraphile.NAME}: {error}."]
    await postgraphile.make_schema(site.state, {way.name: way.sight for way in _ways(site)})
    return await site.started(command), []


@dataclass(frozen=True, slots=True)
class _Contest:
    """Who is asked in one way on one site; each has given Hallpass's answer, in its order."""

    site: Site
    way: _Way
    ours: Asking
    expected: list[dict[str, Any]]

    @classmethod
    async def begun(cls, site: Site, way: _Way) -> "_Contest":
        ours = await site.asking(site.gateway, way.caller, "/graphql", _BODY).answered()
        return cls(site, way, ours, await _users(ours))

    async def beside(self, peer: Server | None) -> list[Contender]:
        """Hallpass and the others. Raises BenchError for another answer than Hallpass's."""
        site, way = self.site, self.way
        variables = {**way.sight.variables(), **site.credentials}
        route = await site.started(bare.app("users_route", site.state.url, variables))
        strawberry = await site.started(bare.app("users_strawberry", site.state.url, variables))
        contenders = [
            rate(NAME, Kind.OURS, self.ours),
            await self._same(_JSON, Kind.LIMIT, route, "/json"),
            await self._same(_ROWS, Kind.LIMIT, route, "/rows"),
            await self._same(_STRAWBERRY, Kind.PEER, strawberry, "/graphql"),
        ]
        if peer is not None:
            body = postgraphile.question(way.name, way.sight)
            contenders.append(await self._same(postgraphile.NAME, Kind.PEER, peer, "/graphql", body))
        return [*contenders, statement_contender(self._statement())]

    def note(self) -> str:
        seen = f"{len(self.expected)} of the {self.site.coordinator.users:,} users that the coordinator sees"
        return f"{seen}, the same answer from each; each knows the credential by its digest, Hallpass alone judges."

    async def _same(self, name: str, kind: Kind, server: Server, path: str, body: bytes = _BODY) -> Contender:
        asking = await self.site.asking(server, self.way.caller, path, body).answered()
        if await _users(asking) != self.expected:
            raise BenchError(f"{name} does not give the answer that Hallpass gives: they can't be compared.")
        return rate(name, kind, asking)

    def _statement(self) -> StatementJob:
        sight = self.way.sight
        connections = min(self.site.workshop.options.connections, bare.POOL_SIZE)
        parameters = (*sight.parameters, sight.own)
        return StatementJob(self.site.state.url, rows_statement(sight.gives), parameters, connections, seconds=1)


async def _users(asking: Asking) -> list[dict[str, Any]]:
    """The users of one answer. Raises BenchError for an answer with errors or without users."""
    answer = await asking.answer()
    body = answer.json() if answer.status == 200 else None
    match body:
        case {"data": {"users": {"edges": [_, *_] as edges}}} if "errors" not in body:
            return [edge["node"] for edge in edges]
        case _:
            words = answer.body[:500].decode(errors="replace")
            raise BenchError(f"{asking.server.name} gave no list of users: {answer.status} {words}")


CASE = Case("users", "A page of users", _prepare)
