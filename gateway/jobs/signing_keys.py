"""Signing keys are rotated by schedule: published a while before they sign, and a while after."""

from datetime import timedelta

from gateway.oidc.keys.ring import KeyRing
from gateway.outbox.daily import Day
from policy.relying_parties import ID_TOKEN_ALGORITHMS
from store.connection import Connection
from store.signing_keys import published_keys


async def rotate_old_keys(day: Day, connection: Connection) -> str | None:
    """The daily job: new keys once the newest of an algorithm is older than the setting says."""
    gateway, now = day.gateway, day.gateway.now()
    if not gateway.settings.signing_key_days:
        return None
    age = timedelta(days=gateway.settings.signing_key_days)
    keys = await published_keys(connection, now)
    newest = [max((key.created_at for key in keys if key.alg == alg), default=None) for alg in ID_TOKEN_ALGORITHMS]
    if any(made is not None and now - made >= age for made in newest):
        await KeyRing(gateway.pool, gateway.secret_key).rotate_in(connection, now, "schedule")
    return None
