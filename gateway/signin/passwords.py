"""Password hashes: Argon2id in the process's hash threads, NFC before hashing, also where there is no account."""

import asyncio
import os
import sys
import threading
import unicodedata
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's first choice of costs: 19 MiB, two passes, one lane."""
LONGEST_PASSWORD: Final = 1024
"""Characters; more is refused rather than cut."""
_NICE: Final = 15
_LONGEST_TYPED: Final = 4 * LONGEST_PASSWORD
"""Characters before normalization, which joins up to four into one and takes quadratic time for hostile texts."""
NOBODYS_HASH: Final = (
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${'A' * 22}${'A' * 43}"
)
"""Costs what a real one costs, and no password has it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    right: bool
    new_hash: str | None = None
    """The password hashed with today's costs, where the kept hash had others."""


def give_way() -> None:
    """Called in each hash thread as it begins: whatever else the process does goes first.

    A hash takes tens of milliseconds of a whole core. Where others wait for the same core, they get it at once and the
    sign-in takes a little longer; where nobody does, nothing changes. Elsewhere than on Linux a thread has no priority
    of its own, and there it stays as it is.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


async def hash_password(executor: Executor, password: str) -> str:
    """The hash of a password that the rules have accepted."""
    return await asyncio.get_running_loop().run_in_executor(executor, HASHER.hash, normalized(password))


async def check_password(executor: Executor, password: str, kept: str | None) -> Verdict:
    """Whether the password is the kept one.

    Without a kept hash the same work is done for nothing, so that time tells nothing about accounts (ASVS 6.3.8).
    """
    typed = "" if is_too_long(password) else normalized(password)
    return await asyncio.get_running_loop().run_in_executor(executor, _check, typed, kept)


def normalized(password: str) -> str:
    """NFC, as NIST SP 800-63B-4 section 3.1.1.2 asks; one code point is one character."""
    return unicodedata.normalize("NFC", password)


def is_too_long(password: str) -> bool:
    """Whether a password as typed has more than LONGEST_PASSWORD characters."""
    return len(password) > _LONGEST_TYPED or len(normalized(password)) > LONGEST_PASSWORD


def _check(password: str, kept: str | None) -> Verdict:
    try:
        right = HASHER.verify(kept or NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return Verdict(right=False)
    if kept is None or not right:
        return Verdict(right=False)
    return Verdict(right=True, new_hash=HASHER.hash(password) if HASHER.check_needs_rehash(kept) else None)
