"""Deleting an account: its data is set aside at once and erased after the state's retention; the id stays."""

from datetime import datetime

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements

_ENDS = (
    "end_assignments",
    "forget_names",
    "forget_names_in_reviews",
    "leave_groups",
    "leave_contacts",
    "forget_passwords",
    "withdraw_consents",
    "end_passkey_ceremonies",
    "forget_passkeys",
    "forget_passkey_handle",
    "forget_apps",
    "forget_recovery_codes",
    "forget_devices",
    "forget_identity_links",
)
_BY_ADDRESS = ("erase_contacts", "erase_registrations", "erase_suggestions", "erase_demo_mails")
"""What names her by her address and not by her id: before the address itself is erased."""
_ERASED = (
    "erase_signatures", "erase_credentials", "erase_comments", "erase_agents", "erase_addresses", "erase_reasons",
    "erase_problems",
)  # fmt: skip


async def delete_account(connection: Connection, user: UserId, now: datetime, erase_after: datetime) -> str | None:
    """The address that the account had; None: there is no such account any more.

    Its current and upcoming assignments are taken away in the same transaction, since lists find people by them; those
    of closed years stay, without a name. Sessions are the caller's to end, and so is the access version.
    """
    address: str | None = await connection.fetchval(statements("deletion")["set_aside"], user, now, erase_after)
    if address is None:
        return None
    for name in _ENDS:
        await connection.execute(statements("deletion")[name], user)
    await connection.execute(statements("deletion")["close_links"], user, now)
    await connection.execute(statements("deletion")["end_factor_resets"], user, now)
    return address


async def people_to_erase(connection: Connection, now: datetime) -> list[UserId]:
    """Deleted people whose retention is over, up to 100, locked: two processes never erase the same ones."""
    return [UserId(row["user_id"]) for row in await connection.fetch(statements("deletion")["due"], now)]


async def erase_person(connection: Connection, user: UserId, now: datetime) -> bool:
    """What was set aside, and what is told of her elsewhere, by her id or her address; False: nothing was."""
    for name in _BY_ADDRESS:
        await connection.execute(statements("deletion")[name], user)
    if not await connection.fetchval(statements("deletion")["erase"], user, now):
        return False
    for name in _ERASED:
        await connection.execute(statements("deletion")[name], user)
    return True
