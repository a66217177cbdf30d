"""Starts of the embedded server: its account, locale, directories and versions, and who reaches its socket."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import open_connection
from store.embedded import EmbeddedError, binaries, start
from store.embedded.account import Account, server_account
from tests.databases import data_directory
from tests.store.embedded_servers import answers, make_directory, mode_of, postmaster_status, started


@pytest.fixture
def directory() -> Iterator[Path]:
    with data_directory() as made:
        yield made


@pytest.mark.parametrize("major", [16, 18])
async def test_first_start_makes_roles_database_and_schema(directory: Path, major: int) -> None:
    async with started(directory, major) as server:
        connection = await open_connection(server.url)
        version = await connection.fetchval("select current_setting('server_version_num')::int / 10000")
        owner = await connection.fetchval("select nspowner::regrole::text from pg_namespace where nspname = 'hallpass'")
        encoding = await connection.fetchval("select current_setting('server_encoding')")
        listens = await connection.fetchval("select current_setting('listen_addresses')")
        await connection.close()
    assert (version, owner, encoding, listens) == (major, "hallpass_owner", "UTF8", "")
    assert not await answers(server.url)


async def test_the_locale_does_not_come_from_the_machine(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    async with started(directory) as server:
        connection = await open_connection(server.url)
        found = await connection.fetchrow(
            "select datlocprovider::text, datlocale, lower('ÁI') from pg_database where datname = 'hallpass'"
        )
        await connection.close()
    assert found is not None
    assert tuple(found.values()) == ("b", "C.UTF-8", "ái")


@pytest.mark.parametrize("name", ["with a blank", "'quotes\", 100 % $(false) and \\", "x" * 90, "Äußeres"])
async def test_any_name_of_the_directory_works(name: str) -> None:
    """A blank, quotes, and a path too long for a socket, which then lies in a private directory elsewhere."""
    with data_directory(name) as directory:
        async with started(directory) as server:
            assert await answers(server.url)
            assert mode_of(server.socket_directory) == 0o700
        if server.socket_directory.parent != directory:
            server.socket_directory.rmdir()


async def test_only_the_servers_account_and_root_reach_the_socket(directory: Path) -> None:
    async with started(directory) as server:
        assert mode_of(server.socket_directory) == 0o700
        if os.geteuid() == 0:
            nobody = Account(65534, 65534, switch=True)
            assert not nobody.can_enter(server.socket_directory)


async def test_a_socket_directory_of_somebody_else_is_refused(directory: Path) -> None:
    make_directory(directory / "socket", 0o777)
    with pytest.raises(EmbeddedError, match="is not a directory that only the database's user may enter"):
        await start(directory)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_as_root_the_server_runs_as_a_system_user(directory: Path) -> None:
    async with started(directory) as server:
        account = server_account()
        assert account.uid != 0
        assert postmaster_status(directory) == (account.uid, []), "root's groups must not be kept"
        assert await answers(server.url)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_programs_that_the_system_user_cannot_reach_are_copied(
    directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A virtual environment below /root, whose directories stay closed."""
    closed = tmp_path / "closed"
    package = _copy_of_the_package(closed)
    monkeypatch.setattr(binaries, "_package_directory", lambda: package)
    async with started(directory) as server:
        assert await answers(server.url)
        assert server.cluster.binaries.directory.is_relative_to(directory)
    async with started(directory) as server:
        assert await answers(server.url)
    assert mode_of(closed) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_a_directory_that_the_system_user_cannot_enter_is_refused_and_left_as_it_is(directory: Path) -> None:
    make_directory(directory, 0o700)
    with pytest.raises(EmbeddedError, match="its user can't enter"):
        await start(directory / "data")
    assert mode_of(directory) == 0o700


async def test_a_directory_of_the_other_version_is_refused(directory: Path) -> None:
    async with started(directory, 16):
        pass
    with pytest.raises(EmbeddedError, match="holds a database of PostgreSQL 16, not 18"):
        await start(directory, 18)
    async with started(directory) as server:
        assert await answers(server.url)


async def test_an_unknown_version_is_refused(directory: Path) -> None:
    with pytest.raises(EmbeddedError, match="comes as version 16 or 18, not 12"):
        await start(directory, 12)


async def test_an_unfinished_initdb_is_begun_anew(directory: Path) -> None:
    make_directory(directory / "postgres.new" / "base", 0o700)
    async with started(directory) as server:
        assert await answers(server.url)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_a_link_laid_by_the_servers_account_is_not_written_through(directory: Path, tmp_path: Path) -> None:
    """The database's user must not gain root's rights over files."""
    async with started(directory):
        pass
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (directory / "postgres" / "postgresql.auto.conf.new").symlink_to(victim)
    async with started(directory) as server:
        assert await answers(server.url)
    assert victim.read_text() == "untouched"
    assert victim.stat().st_uid == 0


def _copy_of_the_package(closed: Path) -> Path:
    make_directory(closed, 0o700)
    package = binaries._package_directory()  # pyright: ignore[reportPrivateUsage]
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), closed / name, symlinks=True)
    return closed / package.name
