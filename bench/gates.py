"""When a target makes a run fail: a machine has bad minutes, so a missed one is measured again, and the most count."""

from collections.abc import Awaitable, Callable, Sequence

from bench.rounds import Measured
from bench.trial import Target

RUNS = 3
Runs = Sequence[Measured]
"""Of one trial."""


def missed(measured: Measured) -> tuple[Target, ...]:
    """The targets that this run missed; one whose contender was left out is nobody's."""
    names = {one.name: one for one in measured.trial.contenders}
    found = [
        (target, measured.ratio(names[target.beside])) for target in measured.trial.targets if target.beside in names
    ]
    return tuple(target for target, ratio in found if ratio is None or not target.is_met(ratio.median))


async def until_decided(once: Callable[[], Awaitable[Measured]], runs: int = RUNS) -> Runs:
    """Run again while a target that was missed could still be met in most of `runs` runs, and not longer."""
    found = [await once()]
    while len(found) < runs and _undecided(found, runs):
        found.append(await once())
    return found


def failed(found: Runs, runs: int = RUNS) -> tuple[Target, ...]:
    """The targets that were missed in most of `runs` runs."""
    targets = found[0].trial.targets if found else ()
    return tuple(target for target in targets if _misses(target, found) > runs // 2)


def _undecided(found: Runs, runs: int) -> bool:
    """Whether some target was missed, but not yet so often as to fail."""
    misses = [_misses(target, found) for target in found[0].trial.targets]
    return any(0 < one <= runs // 2 and len(found) - one <= runs // 2 for one in misses)


def _misses(target: Target, found: Runs) -> int:
    return sum(target in missed(one) for one in found)
