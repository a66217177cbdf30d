"""Alternating rounds: each contender once per round, in turns forwards and backwards, so that drift hits all alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.ratios import Ratio, ratio_of
from bench.trial import Contender, Sample, Trial

_WARM_UP_SHARE = 0.5
"""Of a sample's seconds, before the first round."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A trial with the samples of each contender, in the order of rounds."""

    trial: Trial
    samples: dict[str, list[Sample]]

    def values(self, contender: Contender) -> list[float]:
        return [sample.value for sample in self.samples[contender.name]]

    def median(self, contender: Contender) -> float:
        return median(self.values(contender))

    def errors(self, contender: Contender) -> int:
        return sum(sample.errors for sample in self.samples[contender.name])

    def wrong(self) -> list[Contender]:
        """Those that did not answer rightly each time."""
        return [one for one in self.trial.contenders if self.errors(one)]

    def first_error(self, contender: Contender) -> str | None:
        return next((one.first_error for one in self.samples[contender.name] if one.first_error), None)

    def ratio(self, contender: Contender) -> Ratio | None:
        return ratio_of(self.values(self.trial.ours), self.values(contender))


async def measure(trial: Trial, rounds: int, seconds: float, progress: Callable[[str], None]) -> Measured:
    """Warm up where the trial asks for it, then measure `rounds` times. `progress` is told what is measured next."""
    for contender in trial.contenders if trial.warm_up else ():
        progress(f"{contender.name}: warm-up")
        await contender.measure(seconds * _WARM_UP_SHARE)
    samples: dict[str, list[Sample]] = {one.name: [] for one in trial.contenders}
    for number in range(rounds):
        for contender in order_of(trial.contenders, number):
            progress(f"{contender.name}: round {number + 1} of {rounds}")
            samples[contender.name].append(await contender.measure(seconds))
    return Measured(trial, samples)


def order_of(contenders: Sequence[Contender], number: int) -> Sequence[Contender]:
    """Forwards in even rounds, backwards in odd ones."""
    return contenders if number % 2 == 0 else tuple(reversed(contenders))
