"""rotateSigningKey, and the signing keys as whoever rotates them sees them: never a private part."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from policy.access import AnyOf
from resolvers.asking import Asking
from resolvers.relying_parties import check_fresh, fault, terms_of
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.signing_keys import published_keys

ROTATE: Final = "rotateSigningKey"
MOST_SHOWN: Final = 50
_LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class SigningKeyRow:
    kid: str
    alg: str
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None


@dataclass(frozen=True, slots=True)
class RotatedRow:
    keys: list[SigningKeyRow] | None
    user_errors: list[UserError]


async def listed(asking: Asking) -> list[SigningKeyRow]:
    """Those that are published, the one that signs first first."""
    keys = await asking.reads.run(partial(published_keys, now=asking.clock.now))
    return [
        SigningKeyRow(one.kid, one.alg, one.created_at, one.signs_from, one.signs_until, one.published_until)
        for one in keys[-MOST_SHOWN:]
    ]


async def rotate(asking: Asking, reason: str, rule: AnyOf) -> RotatedRow:
    """New keys of each algorithm are published now and sign later, as `hallpass keys rotate` makes them."""
    making = change(asking, ROTATE, rule)
    try:
        await making.carry_out(Target("signing_key", "all"), partial(_rotate, making, reason))
    except RefusedChangeError as refused:
        return RotatedRow(None, refused.errors)
    return RotatedRow(await listed(asking), [])


async def _rotate(making: Change, reason: str, connection: Connection) -> None:
    check_fresh(making)
    if not 0 < len(reason) <= _LONGEST_REASON or not reason.isprintable():
        raise fault("reason", "INVALID", "The audit keeps why keys were rotated.", "Write it in one line.")
    made = await terms_of(making.asking).rotate_keys(connection, making.asking.clock.now)
    for alg, kid in sorted(made.items()):
        await making.audit(connection, Target("signing_key", kid), None, after={"alg": alg}, reason=reason)
