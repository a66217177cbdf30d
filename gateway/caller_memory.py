"""Callers seen lately, in a bounded memory of the process, each with the facts that she was read with."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from gateway.packs_in_force import InForce
from gateway.recent import Recent
from policy.caller import Caller
from store.marks import Mark

_MOST_CALLERS: Final = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """A caller and what her facts were read with. Good only where the request's own statement verifies `mark`.

    Compared and hashed by identity: what was compiled for one reading of a caller is never used for another.
    """

    caller: Caller
    in_force: InForce
    today: date
    mark: Mark
    good_until: datetime
    keys: object
    """The key set that a token's signature was checked with, which counts while it is the same one."""
    notes: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any], repr=False)
    """What others derive from these facts; it lives and dies with them."""


class CallerMemory(Recent[bytes, Remembered]):
    """By the digest of the callers' credentials."""

    def __init__(self, most: int = _MOST_CALLERS) -> None:
        super().__init__(most)
