"""Every document that a page uses is valid against the schema, and pages have no other way to data about people."""

import ast
from pathlib import Path

import pytest
from graphql import parse, validate

from gateway.console.documents import OPERATIONS, operation
from gateway.graphql.documents import RULES
from schema.build import build_schema
from store.shipped_packs import vocabulary
from tests.project import ROOT

NAMES = sorted(path.stem for path in OPERATIONS.glob("*.graphql") if path.stem != "fragments")
EXAMPLES = sorted((OPERATIONS / "examples").glob("*.graphql"))


@pytest.mark.parametrize("name", NAMES)
def test_each_document_is_valid(name: str) -> None:
    schema = build_schema(vocabulary()).graphql
    assert [str(error) for error in validate(schema, parse(operation(name)), RULES)] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_is_valid_and_has_a_title(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    schema = build_schema(vocabulary()).graphql
    assert [str(error) for error in validate(schema, parse(text), RULES)] == []
    assert text.startswith("# ")


def test_each_document_is_used() -> None:
    used: set[str] = set()
    for path in (one for room in ("console", "federation") for one in (ROOT / "gateway" / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ask":
                used |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    assert used == set(NAMES)


def test_console_pages_read_the_store_for_sessions_and_addresses_only() -> None:
    imported = {
        (path.name, node.module)
        for path in (ROOT / "gateway" / "console").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("store")
    }
    assert imported == {("launchpad.py", "store.relying_parties")}
