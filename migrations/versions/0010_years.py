"""Closing of school years, and the directory's past."""

from migrations.run_sql import run_sql_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql_file("0010_years.sql")
