"""The daily notices of what expires: credentials of people, and SIS credentials of LEAs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from gateway.outbox.daily import Day
from policy.facts import Level, Years
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.notices import CREDENTIAL_MARKS, EXPIRED, SIS_MARKS, due_notice, window
from policy.pack import Pack
from policy.packs import Packs
from schema.directives import read_permission
from schema.sis_credentials import SIS_CREDENTIALS_MANAGE
from store.access_version import raise_versions
from store.connection import Connection
from store.credentials import expiring_credentials
from store.expiry_notices import Expiring, purge_notices, record_notices
from store.outbox import MailOrder, queue_mails
from store.people import load_years
from store.registration import purge_registrations
from store.sis_credentials import expiring_sis_credentials, holders_at

_NOTICES_KEPT: Final = timedelta(days=800)
"""Longer than anything whose expiry could still be near."""
RoleOfYear = tuple[ProgramCode, SchoolYear, RoleSlug]


async def tell_of_credentials(day: Day, connection: Connection) -> str | None:
    """Accounts 7: 30 and 7 days before, and when the role has ceased to give access, which is told to everybody."""
    packs, years, now = day.gateway.packs.current, await load_years(connection), day.gateway.now()
    first, last = window(day.date, CREDENTIAL_MARKS)
    found = await expiring_credentials(connection, first, last, roles_with_credential(packs, years))
    marks = [(one, due_notice(one.expires_on, day.date, CREDENTIAL_MARKS, one.sent)) for one in found]
    due = [(one, mark) for one, mark in marks if mark is not None]
    await record_notices(connection, Expiring.CREDENTIAL, [(one.id, mark) for one, mark in due], now)
    await queue_mails(
        connection,
        day.gateway.new_id(),
        [
            MailOrder("credential-expiry", one.user, {"organization": one.lea, "expires_on": one.expires_on})
            for one, _ in due
        ],
    )
    expired = sorted({one.user for one, mark in due if mark == EXPIRED})
    if expired:
        await raise_versions(connection, expired)
    return None


async def tell_of_sis_credentials(day: Day, connection: Connection) -> str | None:
    """S1-34: 14, 7, 3 and 1 days before, to the LEA's coordinators as they are today."""
    packs, years, now = day.gateway.packs.current, await load_years(connection), day.gateway.now()
    roles, orders, sent = list(roles_that_issue(packs, years)), list[MailOrder](), list[tuple[UUID, int]]()
    for one in await expiring_sis_credentials(connection, *window(day.date, SIS_MARKS)):
        mark = due_notice(one.expires_on, day.date, SIS_MARKS, one.sent)
        if mark is None:
            continue
        sent.append((one.id, mark))
        values = {"organization": one.organization, "expires_on": one.expires_on}
        holders = await holders_at(connection, one.organization, roles, day.date)
        orders += [MailOrder("sis-expiry", user, values) for user in holders]
    await record_notices(connection, Expiring.SIS, sent, now)
    await queue_mails(connection, day.gateway.new_id(), orders)
    return None


async def forget_what_lapsed(day: Day, connection: Connection) -> str | None:
    """Notices of what expired long ago, and registrations whose link was never used."""
    now = day.gateway.now()
    await purge_notices(connection, now - _NOTICES_KEPT)
    await purge_registrations(connection, now)
    return None


def roles_with_credential(packs: Packs, years: Years) -> Iterator[RoleOfYear]:
    """The roles of the current years that ask for a credential."""
    for pack, year in _current(packs, years):
        yield from ((pack.program, year, role.slug) for role in pack.roles.values() if role.credential)


def roles_that_issue(packs: Packs, years: Years) -> Iterator[RoleOfYear]:
    """The roles of the current years, held at LEAs, that issue SIS credentials."""
    permission = read_permission(SIS_CREDENTIALS_MANAGE)
    for pack, year in _current(packs, years):
        for role in pack.roles.values():
            if Level.LEA in role.levels and any(
                spec.permission == permission for _, spec in packs.specs(pack, role.slug)
            ):
                yield pack.program, year, role.slug


def _current(packs: Packs, years: Years) -> Iterator[tuple[Pack, SchoolYear]]:
    for program in packs.programs():
        year = years.current.get(program)
        pack = packs.at(program, year) if year is not None else None
        if pack is not None and year is not None:
            yield pack, year
