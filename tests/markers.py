"""Which tests a marker names, read from their source: `@pytest.mark.rule("S0-41")`, `@pytest.mark.checklist(5)`."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.project import ROOT


def marked(marker: str) -> Mapping[str, list[str]]:
    """By the marker's arguments as text, the tests that they stand on, as `file::test`, sorted."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if "node_modules" not in path.parts:
            for argument, test in _marked(path, f"pytest.mark.{marker}"):
                found.setdefault(argument, set()).add(test)
    return {argument: sorted(tests) for argument, tests in found.items()}


def told(tests: list[str]) -> str:
    """By file, with the names of the tests in it."""
    by_file: dict[str, list[str]] = {}
    for one in tests:
        file, _, test = one.partition("::")
        by_file.setdefault(file, []).extend([test] if test else [])
    return "; ".join(f"`{file}`{_names(names)}" for file, names in by_file.items())


def _marked(path: Path, marker: str) -> Iterator[tuple[str, str]]:
    """(argument, test) for each marker of a module, a class, a function or a parameter."""
    text = path.read_text(encoding="utf-8")
    if marker not in text:
        return
    module = ast.parse(text)
    name = path.relative_to(ROOT).as_posix()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == marker:
            test = _test_at(module, node.lineno)
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str | int):
                    yield str(argument.value), f"{name}::{test}" if test else name


def _test_at(module: ast.Module, line: int) -> str | None:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if node.name.startswith("test_") and first <= line <= (node.end_lineno or line):
                return node.name
    return None


def _names(names: list[str]) -> str:
    shown = [name.removeprefix("test_").replace("_", " ") for name in names[:3]]
    more = f", and {len(names) - 3} more" if len(names) > 3 else ""
    return f": {', '.join(shown)}{more}" if shown else ""
