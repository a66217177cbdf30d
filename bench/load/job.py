"""What the load process is asked for and what it answers, as JSON on its standard input and output."""

from dataclasses import dataclass
from typing import Any, Self

import orjson

from bench.load.histogram import Histogram

PLACE = b"{renewed}"
MOST_CONNECTIONS = 256
MOST_SECONDS = 120.0
MOST_REQUESTS = 5_000_000
MOST_RATE = 50_000.0


@dataclass(frozen=True, slots=True)
class Job:
    """One request, sent again and again over `connections` kept connections to a port of this machine.

    It ends after `seconds` or `most_requests`, whichever comes first. An answer is right when its status is `status`
    and its body has `least_bytes` or more. Raises ValueError for bounds beyond those of this file.
    """

    port: int
    request: bytes
    connections: int
    seconds: float
    status: int = 200
    least_bytes: int = 0
    most_requests: int = MOST_REQUESTS
    rate: float | None = None
    """Requests per second; None: each connection sends again as soon as it is answered."""
    renewed: str | None = None
    """The member of each JSON answer that stands in the next request of its connection, in the place of PLACE."""
    first: tuple[str, ...] = ()
    """What stands there at first, one for each connection, all as long as what the answers bring."""

    def __post_init__(self) -> None:
        if not 1 <= self.connections <= MOST_CONNECTIONS:
            raise ValueError(f"A load has 1 to {MOST_CONNECTIONS} connections, not {self.connections}.")
        if not 0 < self.seconds <= MOST_SECONDS:
            raise ValueError(f"A load lasts at most {MOST_SECONDS:g} seconds and more than none, not {self.seconds:g}.")
        if self.rate is not None and not 0 < self.rate <= MOST_RATE:
            raise ValueError(f"A load has at most {MOST_RATE:g} requests per second, not {self.rate:g}.")
        if self.renewed is not None and len(self.first) < self.connections:
            raise ValueError(f"Each of {self.connections} connections needs a value to begin with.")
        if not 1 <= self.most_requests <= MOST_REQUESTS:
            raise ValueError(f"A load has 1 to {MOST_REQUESTS} requests, not {self.most_requests}.")

    def to_json(self) -> bytes:
        return orjson.dumps(
            {
                "port": self.port,
                "request": self.request.decode("latin-1"),
                "connections": self.connections,
                "seconds": self.seconds,
                "status": self.status,
                "least_bytes": self.least_bytes,
                "most_requests": self.most_requests,
                "rate": self.rate,
                "renewed": self.renewed,
                "first": self.first,
            }
        )

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        members: dict[str, Any] = orjson.loads(text)
        members["request"] = members["request"].encode("latin-1")
        members["first"] = tuple(members["first"])
        return cls(**members)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """How a load went. `busy`: the share of the time that the load process itself computed; near 1 it is the limit."""

    answers: int
    errors: int
    seconds: float
    busy: float
    latencies: Histogram
    first_error: str | None = None

    @property
    def per_second(self) -> float:
        """Right answers per second."""
        return self.answers / self.seconds if self.seconds else 0.0

    def to_json(self) -> bytes:
        return orjson.dumps(
            {
                "answers": self.answers,
                "errors": self.errors,
                "seconds": self.seconds,
                "busy": self.busy,
                "latencies": {str(bucket): count for bucket, count in self.latencies.counts().items()},
                "first_error": self.first_error,
            }
        )

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        members: dict[str, Any] = orjson.loads(text)
        counts = {int(bucket): count for bucket, count in members.pop("latencies").items()}
        return cls(**members, latencies=Histogram(counts))
