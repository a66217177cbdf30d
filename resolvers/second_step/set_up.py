"""Setting an authenticator app up: a secret is proposed, and counts once a code of it was typed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from policy.ids import UserId
from policy.recovery_codes import NUMBER, recovery_code, recovery_hash
from policy.totp import SECRET_BYTES, app_address, matching_step, secret_text, typed_code
from resolvers.second_step.vault import TotpVault
from store.database import Connection
from store.second_factors import confirm_totp, propose_totp, proposed_totp, put_recovery_codes, recovery_codes_left

PROPOSAL_LIFE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Proposed:
    """`address`: the `otpauth` address; `secret`: the same secret in base32, to be typed."""

    address: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`codes`: the recovery codes, shown this once; empty where she has some already."""

    codes: tuple[str, ...] = field(repr=False)


async def propose(
    connection: Connection, vault: TotpVault, user: UserId, email: str, token: str, now: datetime
) -> Proposed:
    """The secret that is being set up; the same one until it is confirmed or too old. `token`: 256 random bits."""
    sealed = await proposed_totp(connection, user, now - PROPOSAL_LIFE)
    if sealed is None:
        secret = sha256(token.encode()).digest()[:SECRET_BYTES]
        await propose_totp(connection, user, vault.seal(user, secret), now)
    else:
        secret = vault.unseal(user, sealed)
    return Proposed(app_address(secret, vault.issuer, email), secret_text(secret))


async def confirm(
    connection: Connection, vault: TotpVault, user: UserId, typed: str, new_token: Callable[[], str], now: datetime
) -> Confirmed | None:
    """The app counts from now on, in place of another; None: the code isn't one of the proposed secret.

    Call it in a transaction that has locked the person's row.
    """
    sealed = await proposed_totp(connection, user, now - PROPOSAL_LIFE)
    if sealed is None:
        return None
    step = matching_step(vault.unseal(user, sealed), typed_code(typed), now, after=0)
    if step is None or not await confirm_totp(connection, user, sealed, step):
        return None
    if await recovery_codes_left(connection, user):
        return Confirmed(())
    return Confirmed(await new_recovery_codes(connection, user, new_token, now))


async def new_recovery_codes(
    connection: Connection, user: UserId, new_token: Callable[[], str], now: datetime
) -> tuple[str, ...]:
    """Ten new ones; whatever is left of those before is worth nothing any more."""
    codes = tuple(recovery_code(sha256(new_token().encode()).digest()) for _ in range(NUMBER))
    await put_recovery_codes(connection, user, [recovery_hash(code) for code in codes], now)
    return codes
