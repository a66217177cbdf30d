"""The life of an account: suspensions, changes of address, released addresses, deletion, earlier passwords."""

from migrations.run_sql import run_sql_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql_file("0005_accounts.sql")
