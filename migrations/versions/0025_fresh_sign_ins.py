"""When a proof was made, apart from when somebody came in by it; how fresh a way to a provider has to be."""

from migrations.run_sql import run_sql_file

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_sql_file("0025_fresh_sign_ins.sql")
