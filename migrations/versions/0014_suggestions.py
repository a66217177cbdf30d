"""Roles that student information systems suggest, until somebody has decided on them."""

from migrations.run_sql import run_sql_file

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql_file("0014_suggestions.sql")
