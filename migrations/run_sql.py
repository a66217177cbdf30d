"""Runs a file of plain SQL inside a revision, past SQLAlchemy, which would read colons in it as parameters."""

from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy.util import await_only

_SQL_DIRECTORY = Path(__file__).parent / "sql"


def run_sql_file(name: str) -> None:
    """Run `migrations/sql/<name>` in the revision's transaction, as written: many statements, $$ bodies, colons."""
    run_sql((_SQL_DIRECTORY / name).read_text(encoding="utf-8"))


def run_sql(text: str) -> None:
    """Run SQL text in the revision's transaction."""
    bind = op.get_bind()
    bind.exec_driver_sql("select 1")  # SQLAlchemy begins its transaction with the first statement it sees
    connection: Any = bind.connection.driver_connection
    await_only(connection.execute(text))
