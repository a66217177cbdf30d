"""Purges by age: what `policy.retention` keeps for so many days goes after them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from policy.retention import RETENTION, Kept
from store.composed import fill
from store.connection import Connection

_AT_ONCE: Final = 5000
_UNUSED: Final = "state not in ('validating', 'applying')"


@dataclass(frozen=True, slots=True)
class _Aged:
    """Rows of a table by their whole key: those for which `old` holds, in which `$1` is the moment.

    `beside`: what else `old` looks at.
    """

    table: str
    key: str
    old: str
    beside: str = ""

    @property
    def statement(self) -> str:
        """Deletes up to 5,000 and gives their number."""
        return fill(
            "retention", "purge", table=self.table, key=self.key, old=self.old, beside=self.beside,
            most=str(_AT_ONCE),
        )  # fmt: skip


_AGED: Final[dict[Kept, tuple[_Aged, ...]]] = {
    Kept.CODES: (_Aged("authorization_codes", "code_hash", "expires_at < $1"),),
    Kept.PROOFS: (
        _Aged("used_proofs", "proof", "expires_at < $1"),
        _Aged("pushed_requests", "request_hash", "ends_at < $1"),
    ),
    Kept.LAUNCHES: (_Aged("launches", "token_hash", "expires_at < $1"),),
    Kept.TOKENS: (
        _Aged(
            "refresh_tokens",
            "token_hash",
            "least(a.expires_at, a.revoked_at) < $1",
            beside="join authorizations a on a.id = authorization_id",
        ),
    ),
    Kept.SESSIONS: (
        _Aged("authorizations", "id", "least(expires_at, revoked_at) < $1"),
        _Aged(
            "sessions",
            "id",
            "least(expires_at, ended_at) < $1 "
            "and not exists (select from authorizations a where a.session_id = sessions.id)",
        ),
    ),
    Kept.LINKS: (_Aged("account_links", "token_hash", "expires_at < $1"),),
    Kept.KEYS: (_Aged("idempotency_keys", "actor_id, mutation, key", "created_at < $1"),),
    Kept.NOTICES: (_Aged("logout_notices", "id", "created_at < $1"),),
    Kept.DENIALS: (_Aged("denied_tokens", "jti", "expires_at < $1"),),
    Kept.FAILURES: (_Aged("sign_in_failures", "user_id", "failed_at < $1"),),
    Kept.ATTEMPTS: (_Aged("failed_attempts", "key", "last_at < $1"),),
    Kept.WAITING: (
        _Aged("pending_sign_ins", "id", "expires_at < $1"),
        _Aged("totp_secrets", "user_id, confirmed", "not confirmed and made_at < $1"),
        _Aged("passkey_ceremonies", "purpose, bound_to", "expires_at < $1"),
    ),
    Kept.FACTOR_RESETS: (
        _Aged(
            "factor_resets",
            "id",
            "requested_at < $1 and not exists (select from account_links l where l.factor_reset_id = factor_resets.id)",
        ),
    ),
    Kept.DEVICES: (_Aged("known_devices", "id", "last_seen_at < $1"),),
    Kept.REQUESTS: (
        _Aged("second_confirmations", "id", "asked_at < $1 and (decided_at is not null or expires_at < $1)"),
    ),
    Kept.DISTRICT_WAYS: (_Aged("identity_sign_ins", "state_hash", "expires_at < $1"),),
    Kept.SIGNALS: (
        _Aged("signal_deliveries", "number", "at < $1"),
        _Aged("signal_events", "id", "at < $1 and seq is not null"),
    ),
    Kept.FILES: (
        _Aged(
            "upload_chunks",
            "upload_id, part, number",
            f"created_at < $1 and {_UNUSED}",
            beside="join uploads on uploads.id = upload_id",
        ),
        _Aged(
            "uploads",
            "id",
            f"created_at < $1 and {_UNUSED} "
            "and not exists (select from upload_chunks c where c.upload_id = uploads.id)",
        ),
    ),
}


async def purge_some(connection: Connection, kept: Kept, now: datetime) -> bool:
    """Up to 5,000 rows of each table; whether there may be more."""
    before = now - RETENTION[kept].life
    counts = [await connection.fetchval(one.statement, before) for one in _AGED[kept]]
    return any(count >= _AT_ONCE for count in counts)
