"""requestEmailChange: one's own, confirmed from both addresses; another's, where the old one is lost (accounts 3)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import IdentityOperation, Recipient, Verdict, may_change_identity
from policy.facts import Assignment
from policy.ids import UserId
from resolvers.account_changes import Concerned, check_own, check_version, concerned, entitled, refused
from resolvers.addresses import email_problems
from resolvers.asking import Asking
from resolvers.person_changes import UserRow, change_person
from resolvers.released import address_blocked, blocked
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target
from store.account_links import EMAIL_LINKS, close_links
from store.database import Connection
from store.email_changes import EmailChange, begin_email_change
from store.keys_of import email_key
from store.outbox import enqueue
from store.users import user_by_email

ACTION = "requestEmailChange"
JOB: Final = "email-change"
"""The job that applies a change whose day has come; its payload is the change's id."""
WAITS: Final = timedelta(hours=24)
"""Where the old address is lost it is told, and nothing happens for so long."""
_LAPSES: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class EmailChangeAsked:
    user: UUID | None
    email: str
    expected_version: int


async def carry_out(asking: Asking, asked: EmailChangeAsked, rule: AnyOf, sight: Sight) -> UserRow:
    """Raises RefusedError NOT_FOUND for a person out of reach."""

    async def request(making: Change, connection: Connection, user: UserId) -> None:
        await _request(making, connection, user, asked)

    return await change_person(asking, ACTION, rule, sight, asked.user, request)


async def _request(making: Change, connection: Connection, user: UserId, asked: EmailChangeAsked) -> None:
    found = await concerned(making, connection, user)
    own = user == making.caller.user
    under = check_own(found) if own else entitled(_by_another(making, found))
    check_version(asked.expected_version, found.record.version)
    errors = list(email_problems(asked.email, _last_label_limit(making, found)))
    if errors:
        raise RefusedChangeError(errors)
    if found.record.email is not None and email_key(asked.email) == email_key(found.record.email):
        raise refused("email", "SAME_ADDRESS", None, "This is the present address.", "Type the new one.")
    by_state = under is not None and making.asking.packs.at(under.program, under.school_year or None)
    if not (by_state and by_state.every_program) and await blocked(making.asking, connection, asked.email, user):
        raise RefusedChangeError([address_blocked()])
    await _begin(making, connection, user, asked.email, under, own=own)


async def _begin(
    making: Change, connection: Connection, user: UserId, email: str, under: Assignment | None, *, own: bool
) -> None:
    """An address that has an account gets no link, so the change never happens; the asker isn't told which it was."""
    now = making.asking.clock.now
    effect = None if own else now + WAITS
    new = EmailChange(
        making.asking.new_id(), user, email, not own, making.caller.user, now, now + _LAPSES, takes_effect_at=effect
    )
    await close_links(connection, user, now, EMAIL_LINKS)
    await begin_email_change(connection, new)
    await making.audit(
        connection, Target("user", str(user)), under, after={"change": str(new.id), "old_lost": not own},
        personal={user: {"email": email}},
    )  # fmt: skip
    first = "email-change-confirm-old" if own else "email-changed-notice"
    await making.mail(connection, first, user, change=new.id)
    if await user_by_email(connection, email) is None:
        await making.mail(connection, "email-change-confirm-new", user, change=new.id)
    if not own:
        await close_links(connection, user, now)  # whoever reads the old address now may have an invitation there
        await enqueue(connection, JOB, new.id.bytes, delay=WAITS)


def _by_another(making: Change, found: Concerned) -> Verdict:
    recipient: Recipient = found.recipient
    return may_change_identity(found.actor, recipient, IdentityOperation.CHANGE_EMAIL, making.asking.packs)


def _last_label_limit(making: Change, found: Concerned) -> int | None:
    """S0-27: the narrowest limit of the programs that she has roles in."""
    packs = (making.asking.packs.at(one.program, one.school_year or None) for one in found.person.assignments)
    limits = [pack.last_label_limit for pack in packs if pack is not None and pack.last_label_limit is not None]
    return min(limits, default=None)
