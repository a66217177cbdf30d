"""A credential that an authenticator has made becomes a passkey, however its person was known: kept, audited, told."""

from datetime import datetime
from typing import Final
from uuid import UUID

from policy.ids import UserId
from resolvers.passkeys.authenticators import Made
from resolvers.passkeys.own import name_of
from store.audit import AuditEvent
from store.passkeys import Passkey

ACTION: Final = "addPasskey"
TEMPLATE: Final = "passkey-added"


def new_passkey(identifier: UUID, user: UserId, made: Made, name: str, now: datetime) -> Passkey:
    """As it is kept; it hasn't been used yet."""
    return Passkey(
        identifier, user, made.credential_id, made.public_key, made.sign_count, made.backup_eligible, made.backed_up,
        made.transports, made.aaguid, name_of(name), now,
    )  # fmt: skip


def added(new: Passkey, request_id: str | None) -> AuditEvent:
    """What the audit says of it: never its name."""
    return AuditEvent(ACTION, "user", str(new.user), actor=new.user, after=told(new), request_id=request_id)


def told(new: Passkey) -> dict[str, object]:
    return {"passkey": str(new.id), "synced": new.backup_eligible}
