"""What the work on files needs of its process: packs, formats, permissions and the time, as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from policy.facts import Years
from policy.files.format import Format
from policy.ids import Permission
from policy.packs import Packs

Told = Callable[[str, int, int], None]
"""Called from the event loop with what is being done, how much of it is done, and of how much (0: not known)."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """As of one piece of work. `today` is the date in the state's time zone; `permissions`: those that send files."""

    packs: Packs
    years: Years
    formats: Mapping[str, Format]
    permissions: tuple[Permission, ...]
    address_hash: Callable[[str], bytes]
    """By which a released address is known (`resolvers.asking.AccountTerms`)."""
    now: datetime
    today: date
