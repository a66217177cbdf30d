"""Purges by age: what `policy.retention` keeps for so many days goes after them."""

from datetime import datetime
from typing import Final

from policy.retention import RETENTION, Kept
from store.connection import Connection
from store.statements import statements

_AT_ONCE: Final = 5000
_STATEMENTS: Final[dict[Kept, tuple[str, ...]]] = {
    Kept.CODES: ("codes",),
    Kept.PROOFS: ("proofs", "pushed_requests"),
    Kept.LAUNCHES: ("launches",),
    Kept.TOKENS: ("tokens",),
    Kept.SESSIONS: ("authorizations", "sessions"),
    Kept.LINKS: ("links",),
    Kept.KEYS: ("keys",),
    Kept.NOTICES: ("notices",),
    Kept.DENIALS: ("denials",),
    Kept.FAILURES: ("failures",),
    Kept.ATTEMPTS: ("attempts",),
    Kept.WAITING: ("waiting", "unconfirmed_apps", "ceremonies"),
    Kept.FACTOR_RESETS: ("factor_resets",),
    Kept.DEVICES: ("devices",),
    Kept.REQUESTS: ("requests",),
    Kept.DISTRICT_WAYS: ("district_ways",),
    Kept.SIGNALS: ("signal_deliveries", "signal_events"),
    Kept.FILES: ("file_pieces", "files"),
}


async def purge_some(connection: Connection, kept: Kept, now: datetime) -> bool:
    """Up to 5,000 rows of each table; whether there may be more."""
    before = now - RETENTION[kept].life
    counts = [await connection.fetchval(statements("retention")[name], before) for name in _STATEMENTS[kept]]
    return any(count >= _AT_ONCE for count in counts)
