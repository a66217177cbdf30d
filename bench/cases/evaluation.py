"""AuthZEN 1.0 decisions, as a system asks: one, a hundred at once, and the slowest of many at half load."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from bench import bare
from bench.asking import MILLISECONDS, Asking, cost, latency_at_half_load, rate
from bench.errors import BenchError
from bench.hallpass import NAME
from bench.http_contender import UNIT
from bench.site import Site, growth, sites
from bench.trial import Case, Kind, Target, Trial
from bench.workshop import Workshop
from store.database import open_connection

_ROUTE = "bare route, one row"
_ONE = "one evaluation"
_MANY = 100
_ACTION = {"name": "cers:results:view"}
_PLACES = """
select named.place from organizations o
cross join lateral (values (1, o.level || ':' || o.code), (2, o.id::text)) as named (way, place)
where o.level <> 'state' and o.active
order by named.way, o.lea_id <> $1::text::uuid, o.level, o.code limit $2
"""
"""The coordinator's own LEA and its schools first; by code, and where there are too few of them also by id."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions about one site's coordinator."""

    site: Site
    one: Asking
    many: Asking


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    async with sites(workshop) as built:
        asked = [await _asked(site) for site in built]
        trials = [trial for each in asked for trial in await _trials(each)]
        yield [
            *trials,
            *growth(_ONE, [(each.site, each.one) for each in asked]),
            *growth(f"{_MANY} evaluations at once", [(each.site, each.many) for each in asked]),
        ]


async def _asked(site: Site) -> _Asked:
    """Asked as the relying party for its own permission, and looked at: her own LEA is allowed, another place isn't."""
    places = await _places(site)
    subject = {"subject": _subject(site), "action": _ACTION}
    resources = [{"resource": {"type": "organization", "id": place}} for place in places]
    one = site.asking(site.gateway, site.system, "/access/v1/evaluation", orjson.dumps({**subject, **resources[0]}))
    many = site.asking(
        site.gateway, site.system, "/access/v1/evaluations", orjson.dumps({**subject, "evaluations": resources})
    )
    asked = _Asked(site, await one.answered(), await many.answered())
    decision = (await one.answer()).json().get("decision")
    decisions = [each.get("decision") for each in (await many.answer()).json().get("evaluations", [])]
    if decision is not True or decisions[:1] != [True] or len(decisions) != len(resources) or False not in decisions:
        raise BenchError(f"{NAME} does not decide as expected: {decision}, then {decisions}.")
    return asked


def _subject(site: Site) -> dict[str, Any]:
    active = site.coordinator.active
    role = {"program": active.program, "role": active.role, "school_year": active.school_year}
    return {"type": "user", "id": site.coordinator.sight.own, "properties": {"active_role": role}}


async def _places(site: Site) -> list[str]:
    connection = await open_connection(site.state.url)
    try:
        rows = await connection.fetch(_PLACES, site.coordinator.sight.lea, _MANY)
    finally:
        await connection.close()
    if len(rows) < _MANY:
        raise BenchError(f"The state has {len(rows)} organizations; the case asks about {_MANY}.")
    return [row[0] for row in rows]


async def _trials(asked: _Asked) -> list[Trial]:
    site = asked.site
    variables = {**site.coordinator.sight.variables(), **site.credentials}
    server = await site.started(bare.app("one_row", site.state.url, variables))
    plain = await site.started(bare.app("bare"))
    route = await site.asking(server, site.system, "/evaluation", asked.one.body).answered()
    if (await route.answer()).json().get("decision") is not True:
        raise BenchError(f"{_ROUTE} does not decide.")
    at = f"at {site.state.users:,} users"
    single = Trial(
        f"{_ONE} {at}",
        UNIT,
        [
            rate(NAME, Kind.OURS, asked.one),
            rate(_ROUTE, Kind.LIMIT, route),
            bare.small_json(site.workshop.options, plain),
        ],
        targets=[Target(_ROUTE, 0.7, "issue 3")],
    )
    hundred = Trial(
        f"{_MANY} evaluations at once {at}",
        f"{MILLISECONDS} per request",
        [cost(NAME, Kind.OURS, asked.many), cost(f"{NAME}, {_ONE}", Kind.LIMIT, asked.one)],
        more_is_better=False,
        targets=[Target(f"{NAME}, {_ONE}", 4, "issue 3", at_most=True)],
        notes=["The time of a request is the inverse of the highest rate: what it costs, not how long it waits."],
    )
    slowest = Trial(
        f"{_ONE} at half load, p99 {at}",
        MILLISECONDS,
        [latency_at_half_load(NAME, Kind.OURS, asked.one), latency_at_half_load(_ROUTE, Kind.LIMIT, route)],
        more_is_better=False,
        targets=[Target(_ROUTE, 5, "issue 3", at_most=True)],
        notes=["Each at half of its own highest rate; times count from when a request was due."],
    )
    return [single, hundred, slowest]


CASE = Case("evaluation", "Decisions for a system", _prepare)
