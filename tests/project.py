"""The project's own files, as the tests of its conventions read them."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("gateway", "schema", "resolvers", "policy", "store", "migrations")
EVERYWHERE = (*ROOMS, "bench", "examples", "tests", "deploy")
NOT_OURS = {"node_modules", "__pycache__", "peers", "results"}


def files(folders: tuple[str, ...], *endings: str) -> list[Path]:
    """The files with one of `endings` (".py") below the named folders, without what was installed or made there."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return sorted(
        path for path in found if path.suffix in endings and path.is_file() and not NOT_OURS & set(path.parts)
    )


def place(path: Path, line: int | None = None) -> str:
    """How a finding names its place: `store/users.py:12`."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of each string in a Python file that isn't a docstring; of an f-string its fixed parts as one."""
    tree = parsed(path)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            skipped.update(id(part) for part in parts)
            yield node.lineno, " ".join(str(part.value) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def toml(name: str) -> dict[str, Any]:
    """A TOML file of the project, by its path from the root."""
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))
