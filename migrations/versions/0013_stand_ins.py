"""Which LEAs a transaction has changed a role at: their superintendents may stand in now, or no longer."""

from migrations.run_sql import run_sql_file

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql_file("0013_stand_ins.sql")
