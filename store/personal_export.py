"""All that is kept of one person, as one document: what she, or the law, may ask for."""

from typing import Any, Final

from policy.ids import UserId
from store.connection import Connection
from store.personal_data import PersonalKeys
from store.statements import statements

SECTIONS: Final = tuple(name for name in statements("personal_export") if name != "audit")
ELSEWHERE: Final = {
    "access_changes": "versions and roles, which stand in the export as roles",
    "personal_keys": "the key to what the audit tells, which the export tells decrypted",
    "pending_sign_ins": "sign-ins of the last minutes that wait for a second step",
    "passkey_handles": "random bytes by which authenticators know her",
    "passkey_ceremonies": "challenges that live minutes",
    "user_words": "parts of the name, for search",
    "signal_deliveries": "ids of what relying parties are still told, for a week",
    "signal_removed_subjects": "ids of whom a relying party wants to hear nothing",
    "state_role_confirmations": "who confirmed a role; the role stands in the export",
}
"""Tables with a person's id that add nothing."""


async def personal_export(connection: Connection, user: UserId, keys: PersonalKeys) -> dict[str, Any]:
    """By section its rows. In the audit, only what was told of this person is decrypted."""
    found: dict[str, Any] = {}
    for name in SECTIONS:
        rows = await connection.fetch(statements("personal_export")[name], user)
        found[name] = [row["row"] for row in rows]
    events = await connection.fetch(statements("personal_export")["audit"], user)
    own = [_own(row["personal"], user) for row in events]
    opened = await keys.open(connection, own)
    found["audit"] = [
        {**row["row"], "personal": dict(told.get(user, {}))} for row, told in zip(events, opened, strict=True)
    ]
    return found


def _own(sealed: dict[str, str] | None, user: UserId) -> dict[str, str] | None:
    """What was told of somebody else in the same event is hers."""
    return {key: value for key, value in (sealed or {}).items() if key == str(user)} or None
