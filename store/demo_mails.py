"""Mails of demo mode, which go to a page instead of a mail server: the newest ones, links and all."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from store.connection import Connection, Row
from store.statements import statements

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class DemoMail:
    id: UUID
    at: datetime
    recipient: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


async def insert_demo_mail(connection: Connection, mail: DemoMail) -> None:
    """Older ones than the newest 200 go."""
    await connection.execute(
        statements("demo_mails")["insert"], mail.id, mail.at, mail.recipient, mail.subject, mail.text, mail.html
    )
    await connection.execute(statements("demo_mails")["keep_newest"], MOST)


async def newest_demo_mails(connection: Connection) -> list[DemoMail]:
    return [_mail(row) for row in await connection.fetch(statements("demo_mails")["newest"], MOST)]


async def demo_mail(connection: Connection, id_: UUID) -> DemoMail | None:
    row = await connection.fetchrow(statements("demo_mails")["one"], id_)
    return None if row is None else _mail(row)


def _mail(row: Row) -> DemoMail:
    return DemoMail(row["id"], row["at"], row["recipient"], row["subject"], row["text"], row["html"])
