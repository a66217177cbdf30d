"""Queries about mails and their delivery."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers import mails
from resolvers.mails import DeliveryRecord
from resolvers.references import read_id
from schema.asked import Info, answered
from schema.mails import SEE_MAILS, Mail
from schema.words import MailState

UNSET: Any = strawberry.UNSET


async def _mails(
    info: Info, user: strawberry.ID | None = UNSET, states: list[MailState] | None = UNSET
) -> list[DeliveryRecord]:
    whose = read_id(user) if user else None
    if user and whose is None:
        return []
    return await mails.listed(info.context, whose, states or None)


@strawberry.type
class MailQueries:
    mails: list[Mail] | None = answered(
        _mails,
        SEE_MAILS,
        size=mails.SHOWN,
        description="The newest 100: a person's, or, without one, those that failed.",
    )
