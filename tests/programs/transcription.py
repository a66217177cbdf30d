"""The second transcription of the source tables (`cells/*.csv`), and how its labels find the packs' roles."""

import csv
import re
from pathlib import Path

from policy.pack import Pack, Role
from policy.role_names import role_key
from store.shipped_packs import PROGRAMS, pack_file

CELLS = Path(__file__).parent / "cells"
_REMARK = re.compile(r" \((Primary|Additional|must be .*)\)$")


def transcribed(name: str) -> list[dict[str, str]]:
    with (CELLS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pack(name: str) -> Pack:
    path = PROGRAMS / f"{name}.toml"
    return pack_file(path.read_text(encoding="utf-8"), path.name).pack


def role_of(of: Pack, label: str) -> Role:
    """The role that a table's label names; the remark in brackets behind it is no part of the name."""
    wanted = role_key(_REMARK.sub("", label))
    (found,) = (role for role in of.roles.values() if wanted in map(role_key, (role.label, *role.aliases)))
    return found
