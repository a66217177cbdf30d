"""Changes of access, kept for a month, so that downstream systems can follow them."""

from migrations.run_sql import run_sql_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql_file("0002_access_changes.sql")
