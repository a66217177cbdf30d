"""A question that a caller asks a server again and again, measured as rate, as cost, or as latency at half load."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.callers import Caller
from bench.errors import BenchError
from bench.http import Answer, answer_to, request_bytes
from bench.http_contender import loaded, sample_of
from bench.load.job import Job, LoadResult
from bench.servers import Server
from bench.trial import Contender, Kind, Sample

MILLISECONDS = "ms"
_JSON: Mapping[str, str] = {"Content-Type": "application/json", "Accept": "application/json"}
_SEARCH_SHARE = 0.5
"""Of a sample's seconds, before it: the search for the highest rate."""


@dataclass(frozen=True, slots=True)
class Asking:
    server: Server
    caller: Caller
    path: str
    body: bytes
    connections: int
    least_bytes: int = 1
    """A shorter answer is another answer."""

    async def answer(self) -> Answer:
        """One answer, to look at. Raises OSError."""
        return await answer_to(self.server.port, await self._request())

    async def answered(self) -> "Asking":
        """The same, but that answers much shorter than this one now are wrong. Raises BenchError without a 200."""
        answer = await self.answer()
        if answer.status != 200:
            words = answer.body[:500].decode(errors="replace")
            raise BenchError(f"{self.server.name} does not answer {self.path}: {answer.status} {words}")
        return replace(self, least_bytes=int(len(answer.body) * 0.98))

    async def load(self, seconds: float, rate: float | None = None) -> LoadResult:
        """As fast as it is answered, or at so many requests per second. Raises BenchError."""
        request = await self._request()
        return await loaded(
            Job(self.server.port, request, self.connections, seconds, least_bytes=self.least_bytes, rate=rate)
        )

    async def _request(self) -> bytes:
        headers = {**_JSON, **await self.caller.headers()}
        return request_bytes("POST", self.path, self.server.port, self.body, headers)


def rate(name: str, kind: Kind, asking: Asking) -> Contender:
    """Answers per second."""

    async def measure(seconds: float) -> Sample:
        return sample_of(await asking.load(seconds))

    return Contender(name, kind, measure)


def cost(name: str, kind: Kind, asking: Asking) -> Contender:
    """Milliseconds of the server per answer, when it does nothing else."""

    async def measure(seconds: float) -> Sample:
        sample = sample_of(await asking.load(seconds))
        return replace(sample, value=1000 / sample.value if sample.value else 0.0)

    return Contender(name, kind, measure)


def latency_at_half_load(name: str, kind: Kind, asking: Asking) -> Contender:
    """Milliseconds within which 99 of 100 requests are answered that come at half of the highest rate.

    The highest rate is searched before each sample, since the machine may be another one by then. A request's time
    counts from when it should have been sent, so that a stall is not hidden by what it kept from being sent.
    """

    async def measure(seconds: float) -> Sample:
        highest = await asking.load(seconds * _SEARCH_SHARE)
        result = await asking.load(seconds, rate=max(highest.per_second / 2, 1.0))
        sample = sample_of(result)
        value = sample.details["p99_us"] / 1000
        details = {**sample.details, "highest_rate": highest.per_second}
        return Sample(value, sample.errors + highest.errors, sample.first_error or highest.first_error, details)

    return Contender(name, kind, measure)
