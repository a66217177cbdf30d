"""The decision log: a sample of the answers of the decision API."""

from migrations.run_sql import run_sql_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql_file("0003_decision_log.sql")
