"""Password hashes that cost next to nothing, for the tests' own process; processes that tests start hash in earnest."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import pytest
from argon2 import PasswordHasher

from gateway.signin import passwords

QUICK: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def quick_hashes() -> Generator[None]:
    """A real hash takes 25 ms of a core, and most tests sign somebody in."""
    real = passwords.HASHER
    costs = f"m={real.memory_cost},t={real.time_cost},p={real.parallelism}"
    nobodys = passwords.NOBODYS_HASH.replace(costs, f"m={QUICK.memory_cost},t={QUICK.time_cost},p={QUICK.parallelism}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", QUICK)
        patch.setattr(passwords, "NOBODYS_HASH", nobodys)
        yield
