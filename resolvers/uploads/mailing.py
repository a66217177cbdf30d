"""Queues the mails of applied files, a slice at a time: one for each person, by one job for each file."""

from collections.abc import Iterator

from policy.upload_kinds import Outcome
from store.connection import Connection
from store.outbox import MailOrder, queue_mails
from store.upload_mails import MailsDue, RowDone, lock_mails_due, mails_queued, rows_done

_AT_ONCE = 2_000


async def queue_some_mails(connection: Connection) -> bool:
    """One slice of the file that waits longest, in a transaction of its own; False: no file waits."""
    async with connection.transaction():
        due = await lock_mails_due(connection)
        if due is None:
            return False
        rows = await rows_done(connection, due, _AT_ONCE)
        orders = [order for row in rows for order in _orders(row, due)]
        await queue_mails(connection, due.upload, orders, hold_until=due.hold_until)
        await mails_queued(connection, due, rows[-1].event if len(rows) == _AT_ONCE else due.until)
    return True


def _orders(row: RowDone, due: MailsDue) -> Iterator[MailOrder]:
    if row.outcome is Outcome.CREATED:
        yield MailOrder("invitation", row.user, by=due.by)
    elif row.outcome is Outcome.REACTIVATED:
        yield MailOrder("account-reactivated", row.user, by=due.by)
    for role in row.taken:
        yield _of_role("role-removed", role, row, due)
    if row.role is not None:
        yield _of_role("role-assigned", row.role, row, due)


def _of_role(template: str, role: str, row: RowDone, due: MailsDue) -> MailOrder:
    values = {
        "program": due.program, "role": role, "organization": row.organization, "school_year": due.school_year,
    }  # fmt: skip
    return MailOrder(template, row.user, values, by=due.by)
