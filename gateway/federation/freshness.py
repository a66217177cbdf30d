"""When a person proved who she is at her district's provider, and whether that is new enough for what brought her."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.federation.id_token import LATE_CLOCK_SECONDS
from policy.managing import RECENT

SKEW: Final = timedelta(seconds=LATE_CLOCK_SECONDS)
"""So far the clocks of provider and gateway may differ."""


def said_time(claims: Mapping[str, Any], now: datetime) -> datetime | None:
    """`auth_time` (OpenID Connect Core section 2), not later than now; None: none is said, or none that can be."""
    said = claims.get("auth_time")
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        return None
    if not 0 < said <= (now + SKEW).timestamp():
        return None
    return min(datetime.fromtimestamp(said, UTC), now)


def fresh_time(said: datetime | None, fresh_after: datetime) -> datetime | None:
    """When she proved herself, where that is new enough; None: it isn't, or the provider doesn't say."""
    if said is None or said < fresh_after - SKEW:
        return None
    return max(said, fresh_after)  # what the provider's clock is late isn't held against her


def known_time(said: datetime | None, linked_at: datetime) -> datetime:
    """When she proved herself last, as far as is known: a provider that doesn't say may know her from long ago.

    A link is made within so many minutes of a proof here.
    """
    return said or linked_at - RECENT
