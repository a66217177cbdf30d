"""What a run is asked for on the command line: `python -m bench --case users --rounds 3 --seconds 2`."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.gates import RUNS

USERS_VARIABLE = "BENCH_USERS"
_SIZES = "1000,20000"
_LEAST_USERS, _MOST_USERS = 200, 1_000_000
"""The bounds of the demo state."""


@dataclass(frozen=True, slots=True)
class Options:
    cases: tuple[str, ...]
    """Names of cases; empty: all."""
    rounds: int
    seconds: float
    """What one sample of a load lasts."""
    connections: int
    sizes: tuple[int, ...]
    """Numbers of users, one trial each."""
    peers: bool
    runs: int = RUNS
    """How often a trial is measured at most; a target that is missed in most of them fails."""


def read_options(arguments: Sequence[str], known: Sequence[str]) -> Options:
    """Options from the arguments; `known` are the names of cases. Ends the process with code 2 for a wrong one."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Hallpass beside peers and limits.")
    parser.add_argument("--case", action="append", choices=known, default=[], help="a case to run; all if not given")
    parser.add_argument("--rounds", type=_between(1, 50), default=3, help="alternating rounds (3)")
    parser.add_argument("--seconds", type=_seconds, default=2.0, help="length of one measurement (2)")
    parser.add_argument("--connections", type=_between(1, 256), default=16, help="kept connections of a load (16)")
    parser.add_argument(
        "--users",
        type=_sizes,
        default=os.environ.get(USERS_VARIABLE, _SIZES),
        help=f"numbers of users in the state, 200 to 1,000,000 ({_SIZES}, or {USERS_VARIABLE})",
    )
    parser.add_argument("--no-peers", action="store_true", help="leave out peers that npm would have to install")
    parser.add_argument("--runs", type=_between(1, 5), default=RUNS, help=f"runs in which a target may be met ({RUNS})")
    given = parser.parse_args(arguments)
    return Options(
        tuple(given.case),
        given.rounds,
        given.seconds,
        given.connections,
        given.users,
        peers=not given.no_peers,
        runs=given.runs,
    )


def _between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{number} is not between {least} and {most}")
        return number

    return read


def _seconds(text: str) -> float:
    number = float(text)
    if not 0.05 <= number <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.05 and 60 seconds")
    return number


def _sizes(text: str) -> tuple[int, ...]:
    read = _between(_LEAST_USERS, _MOST_USERS)
    return tuple(read(part.replace("_", "").strip()) for part in text.split(","))
