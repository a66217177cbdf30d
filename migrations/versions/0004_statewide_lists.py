"""Indexes of lists over the whole state: users of one status, and the people of a program."""

from migrations.run_sql import run_sql_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql_file("0004_statewide_lists.sql")
