"""The state's own roles are confirmed yearly: who isn't is told a month before, and then the role ends."""

from datetime import datetime, timedelta
from typing import Final

from gateway.outbox.daily import Day
from policy.packs import Packs
from store.access_version import raise_versions
from store.administrators import is_last_administrator, state_organization
from store.audit import AuditEvent, record
from store.connection import Connection
from store.outbox import MailOrder, queue_mail
from store.state_roles import DueStateRole, due_state_roles, expire_state_roles, note_notice

YEAR: Final = timedelta(days=365)
NOTICE: Final = timedelta(days=30)


async def end_unconfirmed(day: Day, connection: Connection) -> str | None:
    """The daily job. The last active administrator's role stays: nobody could make another."""
    gateway, now = day.gateway, day.gateway.now()
    packs = gateway.packs.current
    programs = [pack.program for pack in packs.all() if pack.every_program]
    ended: list[DueStateRole] = []
    for one in await due_state_roles(connection, programs, now - (YEAR - NOTICE)):
        if one.noticed_at is None:
            await _tell(day, connection, one, now)
        elif one.noticed_at + NOTICE <= now and one.since + YEAR <= now and await _ends(connection, one, packs):
            ended.append(one)
    for one in ended:
        before = {"user": str(one.user), "program": one.program, "role": one.role}
        await record(
            connection, AuditEvent("endUnconfirmedRole", "role_assignment", str(one.id), before=before, reason="yearly")
        )
    if ended:
        await raise_versions(connection, {one.user for one in ended})
    return None


async def _ends(connection: Connection, one: DueStateRole, packs: Packs) -> bool:
    """One by one, so that of two administrators who are both due the second stays."""
    if one.role in highest_roles(packs) and await is_last_administrator(connection, one.user, packs):
        return False
    return bool(await expire_state_roles(connection, [one.id]))


def highest_roles(packs: Packs) -> set[str]:
    return {min(pack.roles.values(), key=lambda role: role.rank).slug for pack in packs.all() if pack.every_program}


async def _tell(day: Day, connection: Connection, one: DueStateRole, now: datetime) -> None:
    await note_notice(connection, one.id, now)
    root = await state_organization(connection)
    if root is not None:
        due = max((one.since + YEAR), now + NOTICE).astimezone(day.gateway.settings.time_zone).date()
        role = {"program": one.program, "role": one.role, "organization": root, "school_year": ""}
        order = MailOrder("state-role-due", one.user, {**role, "due_on": due})
        await queue_mail(connection, day.gateway.new_id(), order)
