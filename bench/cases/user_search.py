"""Search for people as they are typed: in the whole state by the help desk, in one LEA by its coordinator."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson

from bench.asking import Asking
from bench.callers import Caller, InSession
from bench.errors import BenchError
from bench.help_desk import signed_in_help_desk
from bench.site import Site, growth, sites
from bench.trial import Case, Trial
from bench.workshop import Workshop

_DOCUMENT = """
query Search($filter: UserFilter) {
  users(first: 20, filter: $filter) { nodes { id firstName lastName email } }
}
"""


@dataclass(frozen=True, slots=True)
class _Search:
    """`least`: the rate at the largest state, of that at the smallest."""

    title: str
    filter: dict[str, str]
    statewide: bool
    least: float
    source: str


_TWICE, _THRICE = "issue 4: 2 times", "issue 4: 3 times"
_SEARCHES = (
    _Search("a name part of many, statewide", {"namePart": "mar"}, True, 0.5, _TWICE),
    _Search("a letter, statewide", {"namePart": "s"}, True, 0.5, _TWICE),
    _Search("two name parts, statewide", {"namePart": "martinez m"}, True, 0.5, _TWICE),
    _Search("an address, statewide", {"email": "m"}, True, 0.5, _TWICE),
    _Search("any part, in one LEA", {"contains": "mar"}, False, 0.33, _THRICE),
)


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    async with sites(workshop) as built:
        helpers = [InSession(await signed_in_help_desk(site.state.url)) for site in built]
        trials: list[Trial] = []
        for search in _SEARCHES:
            asked = [(site, await _asking(site, helper, search)) for site, helper in zip(built, helpers, strict=True)]
            trials += growth(f"Search by {search.title}", asked, search.least, search.source)
        yield trials


async def _asking(site: Site, helper: Caller, search: _Search) -> Asking:
    """Raises BenchError where nobody is found: then nothing is measured."""
    body = orjson.dumps({"query": _DOCUMENT, "variables": {"filter": search.filter}})
    caller = helper if search.statewide else site.session
    asking = await site.asking(site.gateway, caller, "/graphql", body).answered()
    found = (await asking.answer()).json()
    if "errors" in found or not found["data"]["users"]["nodes"]:
        raise BenchError(f"{search.title} finds nobody at {site.state.users:,} users: {str(found)[:300]}")
    return asking


CASE = Case("user-search", "Search for people", _prepare)
