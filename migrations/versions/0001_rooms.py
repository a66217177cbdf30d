"""The first schema: organizations, people, assignments, OpenID state, audit, and the outbox."""

from migrations.run_sql import run_sql_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql_file("0001_rooms.sql")
    run_sql_file("0001_queue.sql")
    run_sql_file("0001_grants.sql")
