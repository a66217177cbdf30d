"""The vocabulary and the program packs that ship with Hallpass, read from `programs/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from policy.ids import Permission
from policy.pack import Pack, PermissionTerm
from policy.pack_file import read_pack, read_vocabulary

PROGRAMS = Path(__file__).parent.parent / "programs"
_VOCABULARY = "permissions.toml"


@dataclass(frozen=True, slots=True)
class PackFile:
    """A pack with the text that it was read from."""

    pack: Pack
    source: str


@cache
def vocabulary() -> Mapping[Permission, PermissionTerm]:
    """Every permission that exists, in the vocabulary's order. Raises PackError."""
    return read_vocabulary((PROGRAMS / _VOCABULARY).read_text(encoding="utf-8"), f"programs/{_VOCABULARY}")


@cache
def shipped_packs() -> tuple[PackFile, ...]:
    """Every pack in `programs/`, by file name. Raises PackError."""
    paths = sorted(path for path in PROGRAMS.glob("*.toml") if path.name != _VOCABULARY)
    return tuple(pack_file(path.read_text(encoding="utf-8"), f"programs/{path.name}") for path in paths)


@lru_cache(maxsize=64)
def pack_file(source: str, file: str) -> PackFile:
    """A pack of this installation's vocabulary; `file` is what problems call it. Raises PackError.

    Reading takes milliseconds, which no request should wait for whenever some other pack has changed.
    """
    return PackFile(read_pack(source, file, vocabulary()), source)
