"""Every file says its one responsibility and stays small enough to be read at once."""

import ast
import re

from tests.project import EVERYWHERE, ROOT, files, parsed, place

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
LEFT_BEHIND = re.compile(r"\b(TODO|FIXME|XXX)\b")


def test_each_python_file_says_its_responsibility_in_its_docstring() -> None:
    silent = [place(path) for path in files(EVERYWHERE, ".py") if not ast.get_docstring(parsed(path))]
    assert silent == []


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(EVERYWHERE, ".py")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    functions = [
        (f"{place(path, node.lineno)} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for path in files(EVERYWHERE, ".py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert {name: length for name, length in functions if length > LONGEST_FUNCTION} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [place(path) for path in files(EVERYWHERE, ".py") if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_nothing_is_left_to_be_done_later() -> None:
    own = ROOT / "tests" / "test_project_files.py"
    open_ends = [
        place(path, number)
        for path in files(EVERYWHERE, ".py", ".sql", ".toml", ".html", ".js", ".css", ".graphql")
        if path != own
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if LEFT_BEHIND.search(line)
    ]
    assert open_ends == []


def test_no_test_folder_is_a_package() -> None:
    assert [place(path) for path in files(("tests",), ".py") if path.name == "__init__.py"] == []
