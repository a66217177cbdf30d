"""Program packs in the database: the default ones put there once, all of them loaded, one replaced."""

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

from policy.overrides import overridden
from policy.packs import Packs
from store.access_version import raise_epoch
from store.connection import Connection
from store.overrides import load_overrides
from store.shipped_packs import PackFile, pack_file, shipped_packs, vocabulary
from store.statements import statements


class Stored(StrEnum):
    """What storing a pack did."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


async def load_packs(connection: Connection) -> Packs:
    """The registry of all packs in the database, overridden cells included.

    Raises PackError where one isn't of this version of Hallpass.
    """
    rows = await connection.fetch(statements("packs")["all"])
    read = (pack_file(row["source"], f"the stored pack {row['program']} {row['from_year']}".rstrip()) for row in rows)
    overrides = [one.override for one in await load_overrides(connection)]
    return Packs(vocabulary(), [overridden(file.pack, overrides) for file in read])


async def ensure_default_packs(connection: Connection) -> bool:
    """Put the shipped packs that are loaded by default where a version is absent; what is stored stays as it is.

    Inside the caller's transaction, as its last change; several processes may do it at once. Whether any was added.
    """
    defaults = [file for file in shipped_packs() if file.pack.loaded_by_default]
    added = [
        await connection.fetchval(statements("packs")["insert_absent"], *_row(file)) for file in _ordered(defaults)
    ]
    if any(added):
        await raise_epoch(connection)
    return any(added)


async def put_pack(connection: Connection, file: PackFile) -> Stored:
    """Store a pack in place of the same program's version of the same first year.

    Inside the caller's transaction. What changes access must be told by `raise_epoch` at its end.
    """
    program, from_year, _, digest = row = _row(file)
    known = await connection.fetchval(statements("packs")["digest"], program, from_year)
    if known == digest:
        return Stored.UNCHANGED
    await connection.execute(statements("packs")["put"], *row)
    return Stored.ADDED if known is None else Stored.REPLACED


def _row(file: PackFile) -> tuple[str, str, str, bytes]:
    digest = sha256(file.source.encode()).digest()
    return file.pack.program, file.pack.from_year or "", file.source, digest


def _ordered(files: Iterable[PackFile]) -> list[PackFile]:
    """In one order everywhere, so that two processes wait for each other instead of deadlocking."""
    return sorted(files, key=lambda file: (file.pack.program, file.pack.from_year or ""))
