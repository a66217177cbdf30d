"""What the sealing tests share: a key, events and a verification of everything stored."""

from datetime import UTC, datetime

from gateway.audit.verification import verify
from policy.sealing import Finding, Head
from store.audit import AuditEvent, record
from store.audit_batches import seal_next
from store.connection import Connection

KEY = bytes(range(32))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def add(connection: Connection, many: int = 1, action: str = "assignRole") -> None:
    for number in range(many):
        event = AuditEvent(action, "role_assignment", f"a{number}", after={"number": number, "share": 0.5})
        await record(connection, event)


async def seal_all(connection: Connection, most: int = 3) -> int:
    made = 0
    while await seal_next(connection, KEY, NOW, most):
        made += 1
    return made


async def findings(connection: Connection, noted: Head | None = None) -> list[Finding]:
    async with connection.transaction():
        return list((await verify(connection, KEY, noted)).findings)
