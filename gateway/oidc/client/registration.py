"""The judgement of registrations (`resolvers.registration_faults`) with the keys read by the provider, as sentences."""

from collections.abc import Collection

from gateway.oidc.client.public_jwk import key_set_faults
from policy.ids import System
from resolvers import registration_faults as judgement
from store.relying_parties import RelyingParty


def registration_faults(client: RelyingParty, known_systems: Collection[System]) -> list[str]:
    """What is wrong with a registration, as sentences; empty: nothing. `known_systems` are those of the packs."""
    return [fault.sentence for fault in judgement.registration_faults(client, known_systems, key_set_faults)]


def resource_fault(uri: str, issuer: str) -> str | None:
    """Why a URI can't be a system's audience, as one sentence; None: it can."""
    fault = judgement.resource_fault(uri, issuer)
    return None if fault is None else fault.sentence
