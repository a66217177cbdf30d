"""addPasskey: what an authenticator answered becomes a passkey of the person whose session asked for it."""

from dataclasses import dataclass
from functools import partial

from policy.access import AnyOf
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.passkeys.authenticators import Made, NotVerifiedError, Site, made
from resolvers.passkeys.begin import MOST, bound_to_session
from resolvers.passkeys.kept import ACTION, TEMPLATE, new_passkey, told
from resolvers.passkeys.own import own_record
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.factors import has_factor
from store.passkey_ceremonies import Ceremony, Purpose, answered_ceremony
from store.passkeys import Passkey, count_passkeys, insert_passkey
from store.sessions import finish_weaker


@dataclass(frozen=True, slots=True)
class AddPasskeyAsked:
    """`credential`: the `RegistrationResponseJSON` of the browser, as a text."""

    credential: str
    name: str


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    passkey: Passkey | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, asked: AddPasskeyAsked, rule: AnyOf) -> PasskeyRow:
    """The challenge is used up first, in a statement of its own: an answer that is refused can't be tried again."""
    making = change(asking, ACTION, rule)
    bound = bound_to_session(making.caller.session)
    ceremony = await asking.reads.run(
        partial(answered_ceremony, purpose=Purpose.ADD, bound_to=bound, now=asking.clock.now)
    )
    work = partial(_add, making, ceremony, asked)
    try:
        return PasskeyRow(await making.carry_out(Target("user", str(making.caller.user)), work), [])
    except RefusedChangeError as error:
        return PasskeyRow(None, error.errors)


async def _add(making: Change, ceremony: Ceremony | None, asked: AddPasskeyAsked, connection: Connection) -> Passkey:
    asking, user = making.asking, making.caller.user
    await own_record(making, connection)
    found = _verified(making, ceremony, asked.credential)
    if await count_passkeys(connection, user) >= MOST:
        raise refused("passkey", "TOO_MANY", None, f"You have {MOST} passkeys.", "Remove one that you don't use.")
    first = not await has_factor(connection, user)
    new = new_passkey(asking.new_id(), user, found, asked.name, asking.clock.now)
    if not await insert_passkey(connection, new):
        raise _not_verified()  # as for any other: whose it is isn't told
    if first:
        await finish_weaker(connection, user, making.caller.session, asking.clock.now)
    await making.audit(connection, Target("user", str(user)), None, after=told(new))
    await making.mail(connection, TEMPLATE, user)
    return new


def _verified(making: Change, ceremony: Ceremony | None, credential: str) -> Made:
    if ceremony is None or ceremony.user != making.caller.user:
        text = "The time to answer is over, or it was answered already."
        raise refused("credential", "NOT_BEGUN", None, text, "Begin again.")
    try:
        return made(Site.of(making.asking.accounts.issuer), ceremony.challenge, credential)
    except NotVerifiedError as error:
        raise _not_verified() from error


def _not_verified() -> RefusedChangeError:
    text = "The answer of the device could not be verified, so no passkey was made."
    return refused("credential", "NOT_VERIFIED", None, text, "Begin again, and choose another device if it persists.")
