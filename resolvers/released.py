"""Released addresses: nothing moves with an address, so nobody else gets it for 24 months (decisions, accounts 4)."""

from datetime import datetime

from policy.ids import UserId
from resolvers.asking import AccountTerms, Asking
from resolvers.writing import UserError
from store.database import Connection
from store.keys_of import email_key
from store.released_addresses import blocked_addresses, release_address

MONTHS = 24


async def release(terms: AccountTerms, connection: Connection, email: str, user: UserId, now: datetime) -> None:
    """The person gives the address up at this moment."""
    hashed = terms.address_hash(email_key(email))
    await release_address(connection, hashed, user, now, blocked_until(now))


async def blocked(asking: Asking, connection: Connection, email: str, user: UserId | None) -> bool:
    """Whether it was somebody else's in that time. `user` None: a new person."""
    hashed = asking.accounts.address_hash(email_key(email))
    return hashed in await blocked_addresses(connection, [hashed], asking.clock.now, user)


def blocked_until(now: datetime) -> datetime:
    """24 months later; where there is no such day, the first of the next month."""
    years, month = divmod(now.month - 1 + MONTHS, 12)
    year = now.year + years
    try:
        return now.replace(year=year, month=month + 1)
    except ValueError:
        return now.replace(year=year, month=month + 2, day=1)


def address_blocked(field: str = "email") -> UserError:
    text = "Somebody else had this address here less than 24 months ago, so nobody else gets it."
    remedy = "Use another address, or ask the help desk to give it out."
    return UserError(["input", field], "ADDRESS_RELEASED", "accounts-4", text, remedy)
