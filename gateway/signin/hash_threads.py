"""How many threads of a process compute password hashes."""

import os
from concurrent.futures import Executor, ThreadPoolExecutor

from gateway.settings import Settings
from gateway.signin.passwords import give_way


def hash_threads(settings: Settings) -> int:
    """The setting; without one, as many as leave the worker a core for all else that it does, and one at least.

    A hash keeps a core busy for tens of milliseconds and its memory out of everybody's caches. With a thread on every
    core more people are signed in at once, but whoever asks for anything else meanwhile waits several times as long.
    """
    return settings.hash_threads or max(1, _cores() // settings.workers - 1)


def hashing_executor(settings: Settings) -> Executor:
    """The threads of this process; whoever makes it shuts it down."""
    return ThreadPoolExecutor(hash_threads(settings), "hash", initializer=give_way)


def _cores() -> int:
    """Those that this process may run on, where the system says it."""
    known = getattr(os, "sched_getaffinity", None)
    return len(known(0)) if known else os.cpu_count() or 1
