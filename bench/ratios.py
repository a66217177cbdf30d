"""The arithmetic of comparing: a ratio is taken inside each round, where the machine was the same; then the median."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours divided by another's over the rounds."""

    median: float
    least: float
    most: float


def ratio_of(ours: Sequence[float], other: Sequence[float]) -> Ratio | None:
    """Over samples of the same rounds, in their order; None where the other has no value above zero in any round.

    Raises ValueError when the numbers of rounds differ.
    """
    each = [mine / theirs for mine, theirs in zip(ours, other, strict=True) if theirs > 0]
    return Ratio(median(each), min(each), max(each)) if each else None
