"""The job `changed-access`: relying parties that learn of changes by back-channel logout are told of them by one.

What each was told when it got its authorization is kept as a digest. After a change of access the same is worked out
anew: without any entry left the authorization ends, with other entries the party's own session of the person does, so
that it sends her here again and is told what holds now.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final
from uuid import UUID

import orjson

from gateway.access_cache import AccessCache, held_in
from gateway.oidc.authorization.entitlement import Entitlement, entitlement
from gateway.state import Gateway
from policy.facts import UserStatus
from policy.ids import UserId
from store.authorizations import authorized_by_access_token, revoke_authorization
from store.database import Connection
from store.relying_parties import RelyingParty
from store.told_access import ToldAuthorization, note_told, tell_of_change, told_authorizations

LEARNS: Final = "backchannel-logout"
"""`RelyingParty.changes_by` of those parties."""


async def keep_told(connection: Connection, client: RelyingParty, authorization: UUID, entitled: Entitlement) -> None:
    """Note what the party is told by a new authorization, in its transaction; of other parties nothing is kept."""
    if client.changes_by == LEARNS:
        await note_told(connection, authorization, digest_of(entitled))


def digest_of(entitled: Entitlement) -> bytes:
    """Of everything that a party is told of a person's access, but for its version."""
    context = entitled.context()
    del context["access_version"]
    return sha256(orjson.dumps([context, entitled.details], option=orjson.OPT_SORT_KEYS)).digest()


def looking_at_changes() -> Callable[[Gateway, bytes], Awaitable[None]]:
    """The job's work, with one memory of people's access for all of its runs."""
    cache = AccessCache(most=1_000)

    async def look(gateway: Gateway, payload: bytes) -> None:
        user = UserId(UUID(bytes=payload)) if payload else None
        after: UUID | None = None
        while True:
            async with gateway.pool.acquire() as connection:
                found = await told_authorizations(connection, user, after)
                for one in found:
                    await _look_at(gateway, cache, connection, one)
            if not found:
                return
            after = found[-1].id

    return look


async def _look_at(gateway: Gateway, cache: AccessCache, connection: Connection, one: ToldAuthorization) -> None:
    facts = await authorized_by_access_token(connection, one.client_id, one.id)
    if facts is None or facts.authorization is None or facts.standing is None or facts.authorization.revoked:
        return
    root, standing, client = facts.authorization, facts.standing, facts.client
    entitled = None
    if standing.status is UserStatus.ACTIVE and client.active:
        access = (await held_in(gateway, cache, connection, standing)).access
        entitled = entitlement(
            access, client, root.active, issuer=gateway.settings.issuer, version=standing.version,
            requested=root.requested_details,
        )  # fmt: skip
    if entitled is None:
        await revoke_authorization(connection, root.id, gateway.now(), "access ended")
        return
    digest = digest_of(entitled)
    if digest != one.told:
        await tell_of_change(connection, one, digest)
