"""Sealed batches and personal data of the audit trail."""

from migrations.run_sql import run_sql_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql_file("0008_audit.sql")
