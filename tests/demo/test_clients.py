"""Demo clients: secrets are made on this machine, kept in a file for its owner alone, and stored as hashes."""

import secrets
import stat
from pathlib import Path

import pytest

from gateway.demo.clients import register
from gateway.demo.secrets_file import FILE_NAME
from policy.packs import Packs
from store.connection import Connection
from store.relying_parties import all_relying_parties
from store.shipped_packs import shipped_packs, vocabulary
from store.systems import registered_systems

ADDRESS = "http://localhost:8001/"


@pytest.fixture(scope="module")
def packs() -> Packs:
    return Packs(vocabulary(), [file.pack for file in shipped_packs() if file.pack.loaded_by_default])


def token() -> str:
    return secrets.token_urlsafe(32)


async def test_secrets_stay_in_a_file_for_the_owner_alone(connection: Connection, packs: Packs, tmp_path: Path) -> None:
    made = await register(connection, packs, tmp_path, token, ADDRESS)
    assert set(made) == {"reporting", "completion-status-sync"}
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    rows = await connection.fetch("select to_jsonb(r)::text as text from relying_parties r")
    assert not any(secret in row["text"] for row in rows for secret in made.values())


async def test_a_later_start_keeps_secrets_and_follows_the_address(
    connection: Connection, packs: Packs, tmp_path: Path
) -> None:
    first = await register(connection, packs, tmp_path, token, ADDRESS)
    second = await register(connection, packs, tmp_path, token, "http://localhost:9001/")
    assert second == first
    clients = {client.client_id: client for client in await all_relying_parties(connection)}
    assert clients["reporting"].redirect_uris == ("http://localhost:9001/signin/callback",)
    assert clients["command-line"].secret_hashes == ()


async def test_a_lost_file_means_new_secrets(connection: Connection, packs: Packs, tmp_path: Path) -> None:
    first = await register(connection, packs, tmp_path, token, ADDRESS)
    (tmp_path / FILE_NAME).write_text("not JSON")
    second = await register(connection, packs, tmp_path, token, ADDRESS)
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


async def test_every_system_of_a_pack_has_a_resource_uri(connection: Connection, packs: Packs, tmp_path: Path) -> None:
    await register(connection, packs, tmp_path, token, ADDRESS)
    systems = {str(system.code): system.resource_uri for system in await registered_systems(connection)}
    assert systems.keys() == {code for pack in packs.all() for code in pack.systems} - {"hallpass"}
    assert systems["cers"] == ADDRESS
    assert systems["toms"] == "https://toms.example/"
