"""registerRelyingParty and rotateRelyingPartySecret: a downstream system becomes a client, and gets its secrets."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from policy.access import AnyOf
from policy.relying_parties import WITH_SECRET
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.relying_parties import (
    RelyingPartyRow,
    check_fresh,
    check_known,
    check_registration,
    fault,
    hash_of,
    locked,
    plain,
    put_resources,
    target_of,
    terms_of,
    written,
)
from resolvers.writing import Change, change
from store.database import Connection
from store.registration_reports import lock_registration
from store.relying_parties import RelyingParty, add_secret, insert_relying_party

REGISTER: Final = "registerRelyingParty"
ROTATE: Final = "rotateRelyingPartySecret"


@dataclass(frozen=True, slots=True)
class RotateAsked:
    """`only`: the earlier secrets stop working at once, as after a leak; else the newest of them works on."""

    client_id: str
    version: int
    only: bool


async def register(asking: Asking, client: RelyingParty, key: str, rule: AnyOf) -> RelyingPartyRow:
    """The secret, where it authenticates with one, is told now and never again: not to a repeated request either."""
    making = change(asking, REGISTER, rule)
    return await written(making, client.client_id, partial(_register, making, client, key))


async def rotate_secret(asking: Asking, asked: RotateAsked, rule: AnyOf) -> RelyingPartyRow:
    """Raises RefusedError NOT_FOUND."""
    making = change(asking, ROTATE, rule)
    await check_known(asking, asked.client_id)
    return await written(making, asked.client_id, partial(_rotate, making, asked))


async def _register(making: Change, client: RelyingParty, key: str, connection: Connection) -> str | None:
    check_fresh(making)
    check_registration(making, client)
    new = making.asking.new_id()
    if await first_result(making, connection, key, digest_of(client), new) != new:
        return None
    if await lock_registration(connection, client.client_id) is not None:
        raise fault("clientId", "TAKEN", f"The client id {client.client_id} is taken.", "Choose another one.")
    earlier = await put_resources(making, connection, client)
    secret = making.asking.new_token() if client.auth_method in WITH_SECRET else None
    kept = replace(client, secret_hashes=() if secret is None else (hash_of(secret),))
    await insert_relying_party(connection, kept)
    before = {"resources": earlier} if earlier else None
    after = plain(kept, terms_of(making.asking).thumbprint)
    await making.audit(connection, target_of(client.client_id), None, before=before, after=after)
    return secret


async def _rotate(making: Change, asked: RotateAsked, connection: Connection) -> str | None:
    check_fresh(making)
    report = await locked(making, connection, asked.client_id, asked.version)
    if report.client.auth_method not in WITH_SECRET:
        text = f"{asked.client_id} authenticates without a secret."
        raise fault("clientId", "NO_SECRET", text, "Nothing is to be rotated; replace its keys, if it has some.")
    secret = making.asking.new_token()
    await add_secret(connection, asked.client_id, hash_of(secret), keep_newest=not asked.only)
    before: dict[str, object] = {"secrets": len(report.client.secret_hashes)}
    after: dict[str, object] = {"secrets": 1 if asked.only else 2, "only_new": asked.only}
    await making.audit(connection, target_of(asked.client_id), None, before=before, after=after)
    return secret
