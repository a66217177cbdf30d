"""Which version of a registration somebody has read, and since when its secrets are good."""

from migrations.run_sql import run_sql_file

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_sql_file("0024_registrations.sql")
