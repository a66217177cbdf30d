"""The mapping to Smarter Balanced roles that ships with Hallpass, read from `programs/smarter/` and judged at once."""

from functools import cache
from pathlib import Path

from policy.pack_problems import PackError, PackProblem
from policy.smarter.mapping import RoleMapping
from policy.smarter.mapping_file import Components, read_components, read_mapping
from policy.smarter.width import strangers, unmapped_cells, unstated_rows, wider_rows
from store.shipped_packs import PROGRAMS, shipped_packs, vocabulary

COMPONENTS_FILE = "smarter/components.toml"
MAPPING_FILE = "smarter/mapping.toml"


@cache
def shipped_components() -> Components:
    """The components by code. Raises PackError."""
    return read_components(_text(PROGRAMS / COMPONENTS_FILE), f"programs/{COMPONENTS_FILE}", vocabulary())


@cache
def shipped_mapping() -> RoleMapping:
    """The mapping, judged beside the packs that ship. Raises PackError, also where a row opens more than the cells."""
    file = f"programs/{MAPPING_FILE}"
    return judged(read_mapping(_text(PROGRAMS / MAPPING_FILE), file, shipped_components()), file)


def judged(mapping: RoleMapping, file: str) -> RoleMapping:
    """The mapping itself, where it fits the packs that ship. Raises PackError with a sentence for each misfit."""
    packs = [one.pack for one in shipped_packs()]
    found = [text for rule in (strangers, wider_rows, unstated_rows, unmapped_cells) for text in rule(mapping, packs)]
    if found:
        raise PackError(PackProblem(file, "", text) for text in found)
    return mapping


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
