"""SQL stands in store/ and migrations/ only."""

import re

from tests.project import files, place, texts

ROOMS_WITHOUT_SQL = ("gateway", "schema", "resolvers", "policy", "examples", "deploy")
STATEMENT = re.compile(
    r"\b(select\b.+\bfrom\s+[a-z_]+|insert\s+into\s+[a-z_]+|update\s+[a-z_]+\s+set\b|delete\s+from\s+[a-z_]+\s+where\b"
    r"|(create|alter|drop)\s+(table|index|role|schema|view)\b|copy\s+[a-z_]+.*\bfrom\s+stdin)",
    re.IGNORECASE | re.DOTALL,
)


def test_no_statement_stands_outside_the_store_and_the_migrations() -> None:
    found = [
        place(path, line)
        for path in files(ROOMS_WITHOUT_SQL, ".py")
        for line, text in texts(path)
        if STATEMENT.search(text)
    ]
    assert found == []


def test_no_sql_file_lies_elsewhere() -> None:
    assert [place(path) for path in files(ROOMS_WITHOUT_SQL, ".sql")] == []
