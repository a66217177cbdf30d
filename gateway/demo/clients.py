"""Registers the demo state's downstream systems and their clients, with secrets that exist on this machine only."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from gateway.demo.secrets_file import read_secrets, write_secrets
from gateway.oidc.client.authentication import secret_hash
from policy.grants import OWN_SYSTEM
from policy.ids import System
from policy.packs import Packs
from store.connection import Connection
from store.demo import lock_loading, put_relying_party
from store.relying_parties import RelyingParty
from store.systems import RegisteredSystem, put_system

_FILE = Path(__file__).parent.parent.parent / "programs" / "demo" / "clients.toml"
_PUBLIC: Final = "none"


@dataclass(frozen=True, slots=True)
class DemoClient:
    id: str
    label: str
    systems: tuple[System, ...]
    auth: str
    grants: frozenset[str]
    scopes: frozenset[str]
    redirects: tuple[str, ...]
    first_party: bool
    example: bool


@dataclass(frozen=True, slots=True)
class DemoClients:
    resource: str
    """Resource URI of a system, with `{system}` in it."""
    clients: tuple[DemoClient, ...]

    @property
    def example(self) -> DemoClient:
        """The one that is the example system."""
        return next(client for client in self.clients if client.example)


@cache
def demo_clients() -> DemoClients:
    """What `programs/demo/clients.toml` says."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return DemoClients(read["resource"], tuple(_client(one) for one in read["clients"]))


async def register(
    connection: Connection, packs: Packs, data_dir: Path, new_token: Callable[[], str], example: str
) -> Mapping[str, str]:
    """Systems and clients with today's addresses; secrets by client id, kept from the last time.

    `example` is the example system's address, with a slash at its end.
    """
    known = demo_clients()
    async with connection.transaction():
        await lock_loading(connection)
        for system in _systems(packs, known, example):
            await put_system(connection, system)
        kept = read_secrets(data_dir)
        secrets = {one.id: kept.get(one.id) or new_token() for one in known.clients if one.auth != _PUBLIC}
        write_secrets(data_dir, secrets)
        for client in known.clients:
            await put_relying_party(connection, _registration(client, example, secrets.get(client.id)))
    return secrets


def _systems(packs: Packs, known: DemoClients, example: str) -> list[RegisteredSystem]:
    """Every system of a pack but the gateway itself, whose resource URI is the issuer."""
    labels = {system.code: system.label for pack in packs.all() for system in pack.systems.values()}
    return [
        RegisteredSystem(code, label, example if code in known.example.systems else known.resource.format(system=code))
        for code, label in sorted(labels.items())
        if code != OWN_SYSTEM
    ]


def _registration(client: DemoClient, example: str, secret: str | None) -> RelyingParty:
    return RelyingParty(
        client_id=client.id,
        label=client.label,
        systems=client.systems,
        auth_method=client.auth,
        secret_hashes=(secret_hash(secret),) if secret else (),
        redirect_uris=(f"{example}signin/callback",) if client.example else client.redirects,
        post_logout_redirect_uris=(example,) if client.example else (),
        grant_types=client.grants,
        scopes=client.scopes,
        first_party=client.first_party,
        launch_uri=f"{example}signin" if client.example else None,
    )


def _client(read: Mapping[str, Any]) -> DemoClient:
    return DemoClient(
        id=read["id"],
        label=read["label"],
        systems=tuple(System(code) for code in read["systems"]),
        auth=read["auth"],
        grants=frozenset(read["grants"]),
        scopes=frozenset(read["scopes"]),
        redirects=tuple(read.get("redirects", ())),
        first_party=read.get("first_party", False),
        example=read.get("example", False),
    )
