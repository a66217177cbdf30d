"""The vocabulary: a case prepares trials; a trial compares contenders; each measurement of one is a sample."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.workshop import Workshop


class Kind(StrEnum):
    OURS = "ours"
    PEER = "peer"
    LIMIT = "limit"
    """What nothing that does the same work can be much better than, on this machine and at this moment."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement in the trial's unit. `errors`: answers that were not right; any fails the run."""

    value: float
    errors: int = 0
    first_error: str | None = None
    details: Mapping[str, float] = field(default_factory=dict[str, float])
    """Further figures for the raw results, by name with its unit ("p99_us")."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that is measured; `measure` takes the seconds that a sample may last, where that is a choice."""

    name: str
    kind: Kind
    measure: Callable[[float], Awaitable[Sample]]


@dataclass(frozen=True, slots=True)
class Target:
    """What the ratio of ours to the contender `beside` has to be, and who says so."""

    beside: str
    ratio: float
    source: str
    at_most: bool = False
    """For durations and sizes, of which less is better."""

    def is_met(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio

    @property
    def bound(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.ratio:g}"

    def __str__(self) -> str:
        return f"{self.bound} ({self.source})"


@dataclass(frozen=True, slots=True)
class Trial:
    """Contenders that do the same work; exactly one is ours. `unit` is that of their samples."""

    title: str
    unit: str
    contenders: Sequence[Contender]
    more_is_better: bool = True
    warm_up: bool = True
    """False where a measurement leaves nothing behind that the next one gains by."""
    targets: Sequence[Target] = ()
    notes: Sequence[str] = ()
    """What was left out and why, and what a reader should know."""

    @property
    def ours(self) -> Contender:
        (only,) = (one for one in self.contenders if one.kind is Kind.OURS)
        return only


@dataclass(frozen=True, slots=True)
class Case:
    """`prepare` brings up what the trials need and takes it down when its block ends."""

    name: str
    title: str
    prepare: Callable[["Workshop"], AbstractAsyncContextManager[Sequence[Trial]]]
