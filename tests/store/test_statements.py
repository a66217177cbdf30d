"""Named statements: each prepares on a migrated database and leaves nothing in its session; files are well-formed."""

import re

import pytest

from store.database import open_connection
from store.statements import SQL_DIRECTORY, StatementError, parse_statements, statements

FILES = sorted(path.stem for path in SQL_DIRECTORY.glob("*.sql"))
_SESSION_STATE = re.compile(
    r"\A\s*(set|reset|listen|discard|create|declare|begin|prepare)\b"
    r"|\bpg_(try_)?advisory_lock(_shared)?\s*\("
    r"|\bset_config\s*\((?![^()]*,\s*true\s*\))",  # true: of the transaction alone
    re.IGNORECASE,
)


@pytest.mark.parametrize("file", FILES)
async def test_every_statement_prepares(file: str, module_database_url: str) -> None:
    connection = await open_connection(module_database_url)
    problems: list[str] = []
    try:
        for name, text in statements(file).items():
            try:
                await connection.prepare(text)
            except Exception as error:  # noqa: BLE001  (every statement is tried, all that fail are listed)
                problems.append(f"{file}.{name}: {error}")
    finally:
        await connection.close()
    assert problems == []


@pytest.mark.parametrize("file", FILES)
def test_no_statement_leaves_state_in_its_session(file: str) -> None:
    """A connection is given back to the pool without a reset."""
    assert [name for name, text in statements(file).items() if _leaves_state(text)] == []


def test_every_statement_that_is_asked_for_is_there() -> None:
    """Names that the code puts together are found by the tests of what they do."""
    missing: list[str] = []
    for path in sorted(SQL_DIRECTORY.parent.glob("*.py")):
        code = path.read_text(encoding="utf-8")
        constants = dict(re.findall(r'^(\w+)(?:: Final)? = "(\w+)"$', code, re.MULTILINE))
        for file, name in re.findall(r'statements\(("?\w+"?)\)\["(\w+)"\]', code):
            file_name = file.strip('"') if file.startswith('"') else constants.get(file)
            if file_name is not None and name not in statements(file_name):
                missing.append(f"{path.name}: {file_name}.{name}")
    assert missing == []


def _leaves_state(text: str) -> bool:
    return bool(_SESSION_STATE.search(re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", text)))


def test_statements_of_a_file_by_name() -> None:
    text = "-- What it is for.\n\n-- name: page\nselect $1::int[1:2]; -- a slice\n-- name: one\nselect ':x';\n"
    assert parse_statements(text, "x.sql") == {"page": "select $1::int[1:2]; -- a slice", "one": "select ':x'"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-- name: a\nselect 1\n-- name: a\nselect 2\n", "x.sql: two statements are named a; rename one."),
        ("select 1\n", "x.sql: SQL stands before the first `-- name:` line; give it a name."),
        ("-- name: a\n-- only a comment\n", "x.sql: the statement a is empty; write it or remove the name."),
        ("-- name: A b\nselect 1\n", "x.sql: “A b” is not a statement's name; write small letters, digits and _."),
    ],
)
def test_a_malformed_file_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(StatementError) as refused:
        parse_statements(text, "x.sql")
    assert str(refused.value) == sentence


def test_a_missing_file_is_refused_with_a_sentence() -> None:
    with pytest.raises(StatementError, match=r"nowhere\.sql does not exist"):
        statements("nowhere")
