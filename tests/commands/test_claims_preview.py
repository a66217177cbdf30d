"""`hallpass clients preview`: claims without a token, why somebody would not get in, and the operator in the audit."""

import json

from store.database import Connection
from tests.commands.conftest import Command
from tests.graphql.world import populate, user_id
from tests.oidc.world import build

REASON = ("--operator", "ticket 7")


async def test_told_refused_and_audited(command: Command, connection: Connection) -> None:
    await build(connection)
    await populate(connection)
    told = command("clients", "preview", "reporting", "site@valley.example", *REASON)
    assert (told.returncode, told.stderr) == (0, "")
    assert "She would get in as caaspp/site-coordinator/2026-27; asked for consent: NEVER." in told.stdout
    assert '"assessment_access": [' in told.stdout
    shut = command("clients", "preview", "reporting", "unsigned@valley.example", *REASON)
    assert "She would not get in (NO_ACCESS)" in shut.stdout
    assert "caaspp/test-administrator/2026-27 at school:19647331930000 lacks: form:" in shut.stdout
    machine = json.loads(command("clients", "preview", "scoring", str(user_id("site")), *REASON, "--json").stdout)
    assert machine["ok"]
    assert {"refusal", "id_token", "access_token", "userinfo", "roles", "steps"} < machine.keys()
    audited = await connection.fetch("select operator_reason, subject_id from audit_events order by id")
    assert [tuple(row.values()) for row in audited] == [
        ("ticket 7", user_id(name)) for name in ("site", "unsigned", "site")
    ]  # fmt: skip


async def test_refused(command: Command, connection: Connection) -> None:
    await build(connection)
    await populate(connection)
    for client, person in (("nobody", "site@valley.example"), ("reporting", "nobody@valley.example")):
        done = command("clients", "preview", client, person, *REASON)
        assert (done.returncode, "look them up again" in done.stderr) == (1, True)
    done = command("clients", "preview", "reporting", "site@valley.example", *REASON, "--role", "site-coordinator")
    assert (done.returncode, "is no role" in done.stderr) == (1, True)
    assert command("clients", "preview", "reporting", "site@valley.example").returncode == 2
