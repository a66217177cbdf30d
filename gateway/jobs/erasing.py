"""Erases deleted people once the state's retention is over: their data and their key to what the audit tells."""

from gateway.outbox.daily import Day
from store.audit import AuditEvent, record
from store.connection import Connection
from store.deletion import erase_person, people_to_erase
from store.personal_data import erase_personal_key
from store.released_addresses import forget_old_addresses


async def erase_deleted_people(day: Day, connection: Connection) -> str | None:
    """The daily job, up to 100 people at a time; addresses that aren't blocked any more are forgotten at its end."""
    now = day.gateway.now()
    due = await people_to_erase(connection, now)
    for user in due:
        await erase_person(connection, user, now)
        await erase_personal_key(connection, user, now)
        await record(connection, AuditEvent("erasePerson", "user", str(user), reason="retention"))
    if due:
        return str(due[-1])
    await forget_old_addresses(connection, now)
    return None
