"""The query about streams of security events."""

from __future__ import annotations

import strawberry

from resolvers import signals
from resolvers.signals import StreamReport
from schema.asked import Info, answered
from schema.signals import SEE_SIGNALS, SignalStream


async def _streams(info: Info) -> list[StreamReport]:
    return await signals.listed(info.context)


@strawberry.type
class SignalQueries:
    signal_streams: list[SignalStream] | None = answered(
        _streams, SEE_SIGNALS, size=signals.SHOWN, description="Every relying party's, with what waits for it."
    )
