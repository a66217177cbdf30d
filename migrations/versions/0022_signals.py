"""Shared Signals: streams and events."""

from migrations.run_sql import run_sql_file

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql_file("0022_signals.sql")
