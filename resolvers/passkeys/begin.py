"""beginPasskey: what the browser is to ask an authenticator for, so that it makes a passkey for this person."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.passkeys.authenticators import Named, Site, creation_options
from resolvers.passkeys.own import own_record, random_bytes
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.passkey_ceremonies import Ceremony, Purpose, begin_ceremony
from store.passkeys import handle_of, passkeys_of

ACTION: Final = "beginPasskey"
MOST: Final = 20
"""Passkeys of one person."""
LIFE: Final = timedelta(minutes=5)
"""Of a challenge: as long as a person may look for her security key."""


@dataclass(frozen=True, slots=True)
class BegunRow:
    """`options`: `PublicKeyCredentialCreationOptionsJSON`, as a text."""

    options: str | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, rule: AnyOf) -> BegunRow:
    making = change(asking, ACTION, rule)
    target = Target("user", str(making.caller.user))
    try:
        return BegunRow(await making.carry_out(target, partial(_begin, making)), [])
    except RefusedChangeError as error:
        return BegunRow(None, error.errors)


def bound_to_session(session: UUID | None) -> bytes:
    """What a challenge for a new passkey is bound to. Raises ValueError outside of a session."""
    if session is None:
        raise ValueError("Passkeys are added in a session.")
    return sha256(b"session " + session.bytes).digest()


async def _begin(making: Change, connection: Connection) -> str:
    asking, user = making.asking, making.caller.user
    record = await own_record(making, connection)
    known = await passkeys_of(connection, user)
    if len(known) >= MOST:
        text = f"You have {MOST} passkeys, which is as many as there may be."
        raise refused("passkey", "TOO_MANY", None, text, "Remove one that you don't use, then add the new one.")
    handle = await handle_of(connection, user, random_bytes(asking))
    challenge, now = random_bytes(asking), asking.clock.now
    bound = bound_to_session(making.caller.session)
    await begin_ceremony(connection, Ceremony(Purpose.ADD, bound, challenge, user, now + LIFE), now)
    name = f"{record.first_name} {record.last_name}".strip()
    person = Named(handle, record.email or name, name)
    return json.dumps(creation_options(Site.of(asking.accounts.issuer), person, challenge, known))
