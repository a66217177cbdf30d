"""Pushed requests, proofs that were used, client assertions."""

from migrations.run_sql import run_sql_file

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql_file("0016_grants.sql")
