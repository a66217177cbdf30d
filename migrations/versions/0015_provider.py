"""Registrations of relying parties beyond the first, and limits of sessions."""

from migrations.run_sql import run_sql_file

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql_file("0015_provider.sql")
