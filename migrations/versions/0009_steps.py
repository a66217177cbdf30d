"""Contacts, SIS credentials, registered domains."""

from migrations.run_sql import run_sql_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql_file("0009_steps.sql")
