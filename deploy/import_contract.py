"""An import-linter contract that lists what a room may import, so that anything not listed is refused."""

import sys
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module


class AllowedImports(Contract):
    """`room` may import itself, the standard library and, directly, what `may_import` names (packages or modules)."""

    type_name = "allowed"

    room = fields.ModuleField()
    may_import = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        room = cast(Module, self.room).name
        allowed = {room, *sys.stdlib_module_names, *cast(set[str], self.may_import)}
        broken = [
            (importer, imported)
            for importer in sorted({room} | graph.find_descendants(room))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not _inside(imported, allowed)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in cast(list[tuple[str, str]], check.metadata["broken"]):
            output.print(f"{importer} imports {imported}, which its room's contract in pyproject.toml doesn't allow.")


def _inside(module: str, allowed: set[str]) -> bool:
    """Whether `module` or one of the packages above it is allowed."""
    parts = module.split(".")
    return any(".".join(parts[:length]) in allowed for length in range(1, len(parts) + 1))
