"""Setting an authenticator app up: a secret is proposed, and counts once a code of it was typed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from policy.ids import UserId
from policy.recovery_codes import NUMBER, recovery_code, recovery_hash
from policy.totp import SECRET_BYTES, app_address, matching_step, secret_text, typed_code
from resolvers.second_step.vault import TotpVault
from store.database import Connection
from store.factors import has_factor
from store.second_factors import confirm_totp, propose_totp, proposed_totp, put_recovery_codes, recovery_codes_left

PROPOSAL_LIFE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Who sets an app up, and in which sign-in or session (`shown_to`): no other one ever sees that secret.

    Else whoever knows the password would open the page first, and know the secret that its person then confirms.
    """

    vault: TotpVault
    user: UserId
    shown_to: UUID


@dataclass(frozen=True, slots=True)
class Proposed:
    """`address`: the `otpauth` address; `secret`: the same secret in base32, to be typed."""

    address: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`codes`: the recovery codes, shown this once; empty where she has some already, beside another factor."""

    codes: tuple[str, ...] = field(repr=False)


async def propose(connection: Connection, one: SettingUp, email: str, token: str, now: datetime) -> Proposed:
    """The secret that is being set up; the same one until it is confirmed, too old, or another sign-in began with one.

    `token`: 256 random bits.
    """
    _, secret = await _proposed(connection, one, now)
    if secret is None:
        secret = sha256(token.encode()).digest()[:SECRET_BYTES]
        await propose_totp(connection, one.user, one.vault.seal_proposed(one.user, one.shown_to, secret), now)
    return Proposed(app_address(secret, one.vault.issuer, email), secret_text(secret))


async def confirm(
    connection: Connection, one: SettingUp, typed: str, new_token: Callable[[], str], now: datetime
) -> Confirmed | None:
    """The app counts from now on, in place of another; None: the code isn't one of the secret that was shown here.

    Call it in a transaction that has locked the person's row.
    """
    sealed, secret = await _proposed(connection, one, now)
    if secret is None:
        return None
    has_codes = await has_factor(connection, one.user) and await recovery_codes_left(connection, one.user)
    step = matching_step(secret, typed_code(typed), now, after=0)
    kept = one.vault.seal(one.user, secret)
    if step is None or not await confirm_totp(connection, one.user, sealed, kept, step):
        return None
    if has_codes:
        return Confirmed(())
    return Confirmed(await new_recovery_codes(connection, one.user, new_token, now))


async def _proposed(connection: Connection, one: SettingUp, now: datetime) -> tuple[bytes, bytes | None]:
    """The proposed secret, as it lies there and in plain; None: none was shown here lately."""
    sealed = await proposed_totp(connection, one.user, now - PROPOSAL_LIFE) or b""
    return sealed, one.vault.unseal_proposed(one.user, one.shown_to, sealed) if sealed else None


async def new_recovery_codes(
    connection: Connection, user: UserId, new_token: Callable[[], str], now: datetime
) -> tuple[str, ...]:
    """Ten new ones; whatever is left of those before is worth nothing any more."""
    codes = tuple(recovery_code(sha256(new_token().encode()).digest()) for _ in range(NUMBER))
    await put_recovery_codes(connection, user, [recovery_hash(code) for code in codes], now)
    return codes
