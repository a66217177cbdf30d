"""Carries out the registration of relying parties: checked, stored with its audit event, secrets told once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from asyncpg import UniqueViolationError

from gateway.oidc.client.authentication import secret_hash
from gateway.oidc.client.public_jwk import key_set_faults, thumbprint
from gateway.oidc.client.registration import registration_faults, resource_fault
from gateway.state import Gateway
from policy.grants import OWN_SYSTEM
from policy.ids import System
from policy.packs import Packs
from policy.relying_parties import WITH_SECRET
from resolvers.relying_parties import plain
from store.audit import AuditEvent, record
from store.database import Connection
from store.relying_parties import RelyingParty, add_secret, insert_relying_party, set_keys
from store.systems import RegisteredSystem, put_system, registered_systems


class RegistrationRefusedError(Exception):
    """Nothing was stored; each of `problems` is a sentence."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


async def register_relying_party(gateway: Gateway, client: RelyingParty, reason: str) -> str | None:
    """Store the relying party, and resource URIs of its systems where `client.resources` gives them.

    Returns the new secret, None where it authenticates without one. Raises RegistrationRefusedError.
    """
    labels = system_labels(gateway.packs.current)
    problems = registration_faults(client, labels.keys())
    problems += [fault for uri in client.resources.values() if (fault := resource_fault(uri, gateway.settings.issuer))]
    if problems:
        raise RegistrationRefusedError(*problems)
    secret = gateway.new_token() if client.auth_method in WITH_SECRET else None
    hashes = () if secret is None else (secret_hash(secret),)
    async with gateway.pool.acquire() as connection, connection.transaction():
        try:
            for code, uri in client.resources.items():
                await put_system(connection, RegisteredSystem(code, labels[code], uri))
            await insert_relying_party(connection, replace(client, secret_hashes=hashes))
        except UniqueViolationError as error:
            raise RegistrationRefusedError(
                f"The client id {client.client_id} or one of its resource URIs is taken: choose another one."
            ) from error
        await _check_resources(connection, client)
        after = plain(replace(client, secret_hashes=hashes), thumbprint)
        await _audit(connection, "registerRelyingParty", client.client_id, reason, after)
    return secret


async def rotate_client_secret(gateway: Gateway, client_id: str, reason: str, *, only_new: bool) -> str:
    """A new secret; the newest earlier one stays good unless `only_new`. Raises RegistrationRefusedError."""
    secret = gateway.new_token()
    async with gateway.pool.acquire() as connection, connection.transaction():
        if not await add_secret(connection, client_id, secret_hash(secret), keep_newest=not only_new):
            raise RegistrationRefusedError(
                f"There is no client {client_id} with a secret: see `hallpass clients list`."
            )
        await _audit(connection, "rotateRelyingPartySecret", client_id, reason, {"only_new": only_new})
    return secret


async def replace_client_keys(gateway: Gateway, client_id: str, jwks: Mapping[str, Any], reason: str) -> None:
    """Put public keys in place of those that the client has; both at once may be good while it changes over.

    Raises RegistrationRefusedError.
    """
    faults = key_set_faults(jwks)
    if faults:
        raise RegistrationRefusedError(*faults)
    async with gateway.pool.acquire() as connection, connection.transaction():
        if not await set_keys(connection, client_id, jwks):
            raise RegistrationRefusedError(f"There is no client {client_id} with keys: see `hallpass clients list`.")
        thumbprints = [thumbprint(key) for key in jwks["keys"]]
        await _audit(connection, "replaceRelyingPartyKeys", client_id, reason, {"thumbprints": thumbprints})


def system_labels(packs: Packs) -> dict[System, str]:
    """Every system of the packs with its label."""
    return {code: system.label for pack in packs.all() for code, system in pack.systems.items()}


async def _check_resources(connection: Connection, client: RelyingParty) -> None:
    known = {system.code for system in await registered_systems(connection)}
    missing = [system for system in client.systems if system not in known and system != OWN_SYSTEM]
    if missing:
        raise RegistrationRefusedError(
            *(f"The system {one} has no resource URI yet: write --system {one}=https://…" for one in missing)
        )


async def _audit(connection: Connection, action: str, client_id: str, reason: str, after: Mapping[str, object]) -> None:
    await record(connection, AuditEvent(action, "relying_party", client_id, operator_reason=reason, after=after))
