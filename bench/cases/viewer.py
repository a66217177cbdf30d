"""The shortest question, `viewer`, by bearer token: what a request costs before its answer is anything."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import orjson

from bench import bare
from bench.asking import Asking, rate
from bench.errors import BenchError
from bench.hallpass import NAME
from bench.http_contender import UNIT
from bench.site import Site, growth, sites
from bench.trial import Case, Kind, Target, Trial
from bench.workshop import Workshop

_DOCUMENT = "{ viewer { id } }"
_ROUTE = "bare route, one row"


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    async with sites(workshop) as built:
        asked = [(site, await _asking(site)) for site in built]
        yield [*[await _trial(site, ours) for site, ours in asked], *growth(_DOCUMENT, asked)]


async def _asking(site: Site) -> Asking:
    body = orjson.dumps({"query": _DOCUMENT})
    return await site.asking(site.gateway, site.person, "/graphql", body).answered()


async def _trial(site: Site, ours: Asking) -> Trial:
    """Both name the coordinator, or the case stops."""
    variables = {**site.coordinator.sight.variables(), **site.credentials}
    server = await site.started(bare.app("one_row", site.state.url, variables))
    plain = await site.started(bare.app("bare"))
    route = await site.asking(server, site.person, "/viewer", ours.body).answered()
    for one in (ours, route):
        found = (await one.answer()).json()
        if found.get("data") != {"viewer": {"id": site.coordinator.sight.own}} or "errors" in found:
            raise BenchError(f"{one.server.name} does not name the coordinator: {found}")
    contenders = [
        rate(NAME, Kind.OURS, ours),
        rate(_ROUTE, Kind.LIMIT, route),
        bare.small_json(site.workshop.options, plain),
    ]
    targets = [Target(_ROUTE, 0.7, "issue 3")]
    return Trial(f"{_DOCUMENT} by token at {site.state.users:,} users", UNIT, contenders, targets=targets)


CASE = Case("viewer", "Who asks", _prepare)
