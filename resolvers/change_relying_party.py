"""updateRelyingParty, deactivateRelyingParty, activateRelyingParty: what it narrows ends what it allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from policy.access import AnyOf
from policy.grants import OWN_SYSTEM
from policy.ids import System
from policy.redirects import is_registered
from policy.relying_parties import WITH_SECRET
from resolvers.asking import Asking
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
from store.registration_reports import Unfit, end_unfit_authorizations, redirect_uris_in_use
from store.relying_parties import RelyingParty, find_relying_party, update_relying_party

UPDATE: Final = "updateRelyingParty"
DEACTIVATE: Final = "deactivateRelyingParty"
ACTIVATE: Final = "activateRelyingParty"


@dataclass(frozen=True, slots=True)
class UpdateAsked:
    """`changes`: by the names of `RelyingParty`, what is to stand there; the rest stays. `version`: that was read."""

    client_id: str
    version: int
    changes: Mapping[str, Any]


async def update(asking: Asking, asked: UpdateAsked, rule: AnyOf) -> RelyingPartyRow:
    """A client that is to prove itself by a secret and had none is told one, once. Raises RefusedError NOT_FOUND."""
    making = change(asking, UPDATE, rule)
    await check_known(asking, asked.client_id)
    return await written(making, asked.client_id, partial(_update, making, asked))


async def deactivate(asking: Asking, client_id: str, rule: AnyOf) -> RelyingPartyRow:
    """With everything that people let it have. It waits for no version: what stops a misuse must not.

    Raises RefusedError NOT_FOUND.
    """
    making = change(asking, DEACTIVATE, rule)
    await check_known(asking, client_id)
    return await written(making, client_id, partial(_deactivate, making, client_id))


async def activate(asking: Asking, client_id: str, version: int, rule: AnyOf) -> RelyingPartyRow:
    """People sign in to it anew. Raises RefusedError NOT_FOUND."""
    making = change(asking, ACTIVATE, rule)
    await check_known(asking, client_id)
    return await written(making, client_id, partial(_activate, making, client_id, version))


async def _update(making: Change, asked: UpdateAsked, connection: Connection) -> str | None:
    check_fresh(making)
    before = (await locked(making, connection, asked.client_id, asked.version)).client
    client = replace(before, **asked.changes)
    if "auth_method" in asked.changes and client.auth_method != "private_key_jwt" and "jwks" not in asked.changes:
        client = replace(client, jwks=None)
    given: Mapping[System, str] = client.resources if "resources" in asked.changes else {}
    check_registration(making, replace(client, resources=given))
    if client == before:
        raise fault("clientId", "NOTHING_CHANGES", "The registration says so already.", "Nothing is to be done.")
    earlier = await put_resources(making, connection, replace(client, resources=given))
    client, secret = _with_secret(making, client)
    await update_relying_party(connection, client)
    kept = await find_relying_party(connection, client.client_id) or client
    ended = await _end_unfit(making, connection, before, kept)
    thumbprint = terms_of(making.asking).thumbprint
    was, now = plain(before, thumbprint), plain(kept, thumbprint)
    changed = [name for name in now if was[name] != now[name]]
    await making.audit(
        connection, target_of(client.client_id), None,
        before={name: was[name] for name in changed} | ({"system_resources": earlier} if earlier else {}),
        after={name: now[name] for name in changed} | {"authorizations_ended": ended},
    )  # fmt: skip
    return secret


def _with_secret(making: Change, client: RelyingParty) -> tuple[RelyingParty, str | None]:
    """A new secret for a client that needs one and has none; none for one that needs none."""
    if client.auth_method not in WITH_SECRET:
        return replace(client, secret_hashes=()), None
    if client.secret_hashes:
        return client, None
    secret = making.asking.new_token()
    return replace(client, secret_hashes=(hash_of(secret),)), secret


async def _end_unfit(making: Change, connection: Connection, before: RelyingParty, after: RelyingParty) -> int:
    """How many authorizations ended: people sign in anew for what the registration allows from now on."""
    asking, issuer = making.asking, terms_of(making.asking).issuer
    redirects = None
    if set(before.redirect_uris) - set(after.redirect_uris):
        in_use = await redirect_uris_in_use(connection, after.client_id, asking.clock.now)
        redirects = [uri for uri in in_use if is_registered(uri, after.redirect_uris)]
    own = [issuer] if OWN_SYSTEM in after.systems else []
    resources = [*(after.resources[one] for one in after.systems if one in after.resources), *own]
    every = (
        "authorization_code" not in after.grant_types
        or after.role_mode != before.role_mode
        or (after.auth_method == "none" and before.auth_method != "none")
    )
    unfit = Unfit(resources, issuer, redirects, before.first_party and not after.first_party, every)
    return await end_unfit_authorizations(connection, after, unfit, asking.clock.now)


async def _deactivate(making: Change, client_id: str, connection: Connection) -> str | None:
    """Without a fresh sign-in, for the same reason as without a version."""
    before = (await locked(making, connection, client_id, None)).client
    if not before.active:
        raise fault("clientId", "INACTIVE", "It is inactive already.", "Nothing is to be done.")
    after = replace(before, active=False)
    await update_relying_party(connection, after)
    unfit = Unfit((), terms_of(making.asking).issuer, None, unconsented=False, every=True)
    ended = await end_unfit_authorizations(connection, after, unfit, making.asking.clock.now)
    await making.audit(
        connection, target_of(client_id), None, before={"active": True},
        after={"active": False, "authorizations_ended": ended},
    )  # fmt: skip
    return None


async def _activate(making: Change, client_id: str, version: int, connection: Connection) -> str | None:
    check_fresh(making)
    before = (await locked(making, connection, client_id, version)).client
    if before.active:
        raise fault("clientId", "ACTIVE", "It is active already.", "Nothing is to be done.")
    after = replace(before, active=True)
    check_registration(making, replace(after, resources={}))
    await update_relying_party(connection, after)
    await making.audit(connection, target_of(client_id), None, before={"active": False}, after={"active": True})
    return None
