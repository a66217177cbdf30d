"""The histogram of durations is right within three percent."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.load.histogram import Histogram


@given(st.lists(st.integers(0, 60_000_000), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_the_exact_one_within_three_percent(durations: list[int], share: float) -> None:
    histogram = Histogram()
    for duration in durations:
        histogram.record(duration)
    exact = sorted(durations)[math.ceil(len(durations) * share) - 1]
    assert exact <= histogram.percentile(share) <= exact * 1.032
    assert histogram.total == len(durations)


@pytest.mark.parametrize("duration", [0, 1, 63, 64, 65, 127, 128, 4095, 4096, 10**6])
def test_a_bucket_holds_its_duration(duration: int) -> None:
    histogram = Histogram()
    histogram.record(duration)
    assert duration <= histogram.percentile(1) <= duration * 1.032


def test_an_empty_histogram_has_no_percentile_but_zero() -> None:
    assert Histogram().percentile(0.5) == 0
