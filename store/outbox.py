"""The outbox: jobs and mails that are queued in the transaction of the change that causes them (pgqueuer's table)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection
from store.mail_templates import MailTemplate, MailValue, Urgency, mail_template
from store.statements import statements

MAIL = "mail"
"""Sends one message."""
MAIL_BATCH = "mail-batch"
"""Queues the messages of one upload or import, a slice at a time."""


@dataclass(frozen=True, slots=True)
class MailOrder:
    """A mail to be: which template, for whom, with which ids and codes.

    `user` is None where the person has no account yet and a value says who it is. `by`: the person whose act it
    tells of, None for the gateway's own. `cause`: the upload or mutation it comes from; what joins is one mail per
    cause and person. `hold_until`: not sent before.
    """

    template: str
    user: UserId | None
    values: Mapping[str, MailValue] = field(default_factory=dict[str, MailValue])
    by: UserId | None = None
    cause: UUID | None = None
    request_id: str | None = None
    hold_until: datetime | None = None


async def queue_mail(connection: Connection, new_id: UUID, order: MailOrder) -> None:
    """Queue one mail in the caller's transaction. Raises MailOrderError for a wrong template or value."""
    template = mail_template(order.template)
    joining = order.cause if template.joins and order.user else None
    row = await connection.fetchrow(
        statements("messages")["queue"],
        new_id, order.user, joining, template.name, [_notice(order, template)], int(template.urgency), order.cause,
        order.request_id, order.hold_until,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an insert that returns
    if row["new"]:
        await enqueue(connection, MAIL, row["id"].bytes, priority=int(template.urgency), delay=row["delay"])


async def queue_mails(
    connection: Connection, cause: UUID, orders: Iterable[MailOrder], *, hold_until: datetime | None = None
) -> None:
    """Queue the mails of one upload: two statements and, with its first call, one job, however many rows there are.

    May be called once for each part of an upload; what joins is one mail for each person of the whole upload.
    Of an order, `cause` and `hold_until` are not read here.
    Raises MailOrderError for a wrong template or value.
    """
    listed = [(order, mail_template(order.template)) for order in orders]
    if not listed:
        return
    if await connection.fetchval(statements("messages")["claim_batch"], cause):
        await enqueue(connection, MAIL_BATCH, cause.bytes, priority=int(Urgency.BULK_INVITATION))
    await connection.execute(
        statements("messages")["queue_many"],
        cause,
        [order.user for order, _ in listed],
        [one.name for _, one in listed],
        [_notice(order, one) for order, one in listed],
        [int(one.urgency.in_bulk) for _, one in listed],
        [one.joins for _, one in listed],
        hold_until,
    )


async def enqueue(
    connection: Connection, entrypoint: str, payload: bytes, *, priority: int = 0, delay: timedelta | None = None
) -> int:
    """Queue one job; its id. Rolled back with the caller's transaction. One job per upload, never one per row."""
    return await connection.fetchval(
        _enqueue_text(), [priority], [entrypoint], [payload], [delay or timedelta()], [None], [None], column=1
    )


async def enqueue_all(connection: Connection, entrypoint: str, jobs: Sequence[tuple[bytes, int, timedelta]]) -> None:
    """Queue many jobs of one kind in one statement: payload, priority and delay of each."""
    nothing = [None] * len(jobs)
    payloads, priorities, delays = [one[0] for one in jobs], [one[1] for one in jobs], [one[2] for one in jobs]
    await connection.execute(_enqueue_text(), priorities, [entrypoint] * len(jobs), payloads, delays, nothing, nothing)


def _notice(order: MailOrder, template: MailTemplate) -> dict[str, object]:
    return {
        "template": template.name,
        "values": template.checked(order.values),
        "by": str(order.by) if order.by else None,
    }


@cache
def _enqueue_text() -> str:
    # pgqueuer's own text, not its driver: the driver hands over JSON as text, which this pool's codec would quote again
    from pgqueuer.adapters.persistence.qb import QueryQueueBuilder

    return QueryQueueBuilder().build_enqueue_query("raise")
