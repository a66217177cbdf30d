"""A varied state with its application: documents are drawn for it, and both executors asked for callers of each."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import httpx2
import orjson
from starlette.applications import Starlette

from gateway.graphql.service import service_of
from gateway.state import Gateway
from store.database import Pool
from tests.graphql import varied
from tests.graphql.both import Both, Told, ask_both, request_of
from tests.graphql.documents import Words, Writer, Written

_ASKED = 3
"""Callers of each document."""
_UNFINISHED = ("needs more than", "would have more than")
"""What the executor says where a document asks for more lists or rows than it goes through one by one."""


@dataclass(frozen=True, slots=True)
class Long:
    """How long seeded documents are asked: a few of them, or for as many seconds as the environment says."""

    seconds: int
    first: int

    def seeds(self) -> Iterator[int]:
        begun = time.monotonic()
        for seed in count(self.first):
            if seed >= self.first + 10 and time.monotonic() > begun + self.seconds:
                return
            yield seed


LONG: Final = Long(int(os.environ.get("HALLPASS_DIFFERENTIAL", "0")), int(os.environ.get("HALLPASS_SEED", "0")))


@dataclass(slots=True)
class Scene:
    app: Starlette
    callers: Mapping[str, Mapping[str, str]] = field(repr=False)
    """The headers of each, by a name."""
    words: Words = field(repr=False)
    met: Counter[str] = field(default_factory=Counter[str])
    """How many answers there were of each kind."""

    def written(self, rng: random.Random) -> Written:
        schema = service_of(request_of(self.app, {})).schema.graphql
        return Writer(schema, self.words, rng).document()

    def some(self, rng: random.Random) -> list[str]:
        return [rng.choice(list(self.callers)) for _ in range(_ASKED)]

    async def differences(self, rng: random.Random) -> list[str]:
        """What the executors answer differently to one document, for some callers."""
        written = self.written(rng)
        return [found for name in self.some(rng) if (found := await self.difference(name, written))]

    async def difference(self, name: str, written: Written) -> str | None:
        both = await ask_both(self.app, self.callers[name], written.text, written.variables)
        self.met["asked"] += 1
        if both.compiled is None or _is_unfinished(both.executed):
            return None
        return self._compared(name, written, both, both.compiled)

    async def page_of(self, name: str, written: Written) -> Any:
        """The value of the document's one root field."""
        both = await ask_both(self.app, self.callers[name], written.text, written.variables)
        (found,) = orjson.loads(both.executed.data).values()
        return found

    def _compared(self, name: str, written: Written, both: Both, compiled: Told) -> str | None:
        self.met["compared"] += 1
        self.met["with errors"] += bool(compiled.errors)
        self.met["with rows"] += compiled.objects > 3
        if compiled == both.executed:
            return None
        return f"{name}: {written.text}\n{written.variables}\n{_apart(compiled, both.executed)}"


async def scene_of(app: Starlette, gateway: Gateway, http: httpx2.AsyncClient, pool: Pool, seed: int = 4) -> Scene:
    """Needs `world.populate`'s state, which `http` brings."""
    async with pool.acquire() as connection:
        await varied.Varied(gateway.packs.current, seed).enrich(connection)
        words = await varied.words(connection)
    return Scene(app, await varied.callers(app, http, pool), words)


def _is_unfinished(told: Told) -> bool:
    return any(limit in one["message"] for limit in _UNFINISHED for one in told.errors)


def _apart(compiled: Told, executed: Told) -> str:
    """Where two answers part."""
    texts = [f"{one.data} {one.errors} {one.objects}" for one in (compiled, executed)]
    at = next((at for at, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), 0)
    return "\n".join(f"... {text[max(0, at - 200) : at]} >>> {text[at : at + 300]}" for text in texts)
