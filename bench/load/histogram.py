"""A histogram of durations that keeps no single one: 32 buckets per power of two, so within 3 percent."""

import math
from collections.abc import Mapping

_LINEAR = 64
_PER_OCTAVE = 32


class Histogram:
    """Counts of durations in whole microseconds."""

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        """`counts`: by bucket, as `counts()` gives them."""
        self._counts = dict(counts or {})

    def record(self, microseconds: int) -> None:
        bucket = _bucket(microseconds)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1

    def counts(self) -> dict[int, int]:
        return dict(sorted(self._counts.items()))

    @property
    def total(self) -> int:
        return sum(self._counts.values())

    def percentile(self, share: float) -> int:
        """The duration in microseconds that `share` (0 to 1) of all stay within; 0 when there is none."""
        wanted = math.ceil(self.total * share)
        seen = 0
        for bucket, count in sorted(self._counts.items()):
            seen += count
            if seen >= wanted:
                return _longest(bucket)
        return 0


def _bucket(microseconds: int) -> int:
    if microseconds < _LINEAR:
        return max(microseconds, 0)
    shift = microseconds.bit_length() - _LINEAR.bit_length() + 1
    return shift * _PER_OCTAVE + (microseconds >> shift)


def _longest(bucket: int) -> int:
    """The longest duration that falls into the bucket."""
    if bucket < _LINEAR:
        return bucket
    shift = bucket // _PER_OCTAVE - 1
    return ((bucket - shift * _PER_OCTAVE + 1) << shift) - 1
