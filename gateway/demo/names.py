"""Reads `programs/demo/names.toml`: the words that the demo state's names are made of."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent.parent.parent / "programs" / "demo" / "names.toml"


@dataclass(frozen=True, slots=True)
class Names:
    """Lists in the file's order: where a word stands decides which place or person has it."""

    place_starts: tuple[str, ...]
    place_ends: tuple[str, ...]
    district_kinds: tuple[str, ...]
    charter_ends: tuple[str, ...]
    school_names: tuple[str, ...]
    school_kinds: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    subjects: tuple[str, ...]


@cache
def names() -> Names:
    """What the file says."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Names(**{item.name: _words(read[item.name]) for item in fields(Names)})


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", " ").split(","))
