"""`hallpass keys rotate`: new keys are published at once and sign later, under the operator's reason."""

import json
from datetime import timedelta

from store.database import Connection
from tests.commands.conftest import Command


async def test_rotated(command: Command, connection: Connection) -> None:
    done = command("keys", "rotate", "--operator", "yearly", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    made = json.loads(done.stdout)["keys"]
    rows = {row["kid"]: row for row in await connection.fetch("select * from signing_keys")}
    assert len(rows) == 4
    for alg, kid in made.items():
        (old,) = [row for row in rows.values() if row["alg"] == alg and row["kid"] != kid]
        assert rows[kid]["signs_until"] is None
        assert rows[kid]["signs_from"] - rows[kid]["created_at"] == timedelta(hours=1)
        assert old["signs_until"] == rows[kid]["signs_from"]
        assert old["published_until"] - old["signs_until"] == timedelta(days=1)
    audited = await connection.fetch("select action, target_id, operator_reason from audit_events")
    assert {tuple(row.values()) for row in audited} == {("rotateSigningKey", kid, "yearly") for kid in made.values()}


def test_said_in_words(command: Command) -> None:
    done = command("keys", "rotate")
    assert done.returncode == 0
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["ES256", "RS256"]
