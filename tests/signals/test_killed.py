"""A process that is killed while it pushes loses nothing: the next one goes on, and tells only the last event again."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from starlette.responses import Response

from gateway.signals.pushing import Pusher
from gateway.signals.working import push_due
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import LEA, Clock, person
from tests.project import ROOT
from tests.signals.test_pushing import happen, pushed_to, waiting
from tests.signals.world import Api, Receiver, claims_unchecked, kind_of


@pytest.mark.checklist(60)
async def test_killed_in_the_middle(
    api: Api, receiver: Receiver, pusher: Pusher, gateway: Gateway, clock: Clock, connection: Connection,
    database_url: str, tmp_path: Path,
) -> None:  # fmt: skip
    """Kill -9 at the fourth event, which the receiver has; a replay is known by its `jti`."""
    dana = await person(connection, "dana", ("lea-coordinator", LEA))
    await pushed_to(api, receiver)
    await happen(connection, dana, times=8)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "tests" / "signals" / "pushing_process.py"), database_url, str(tmp_path),
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    def kill(token: str) -> Response | None:
        if len(receiver.taken) == 3 and process.returncode is None:
            process.kill()
            receiver.taken.append(token)
            receiver.refuse = lambda _: None
            return Response(status_code=202)
        return None

    receiver.refuse = kill
    async with asyncio.timeout(60):
        await process.wait()
    assert process.returncode == -9
    assert await waiting(connection) == 5, "the fourth was taken and never recorded"
    await push_due(gateway, pusher)
    assert len(receiver.taken) == 4, "the killed process is believed alive for a minute"
    clock.forward(minutes=2)
    await push_due(gateway, pusher)
    found = [claims_unchecked(token) for token in receiver.taken]
    assert found[3] == found[4]
    kinds = [kind_of(one) for one in (*found[:4], *found[5:])]
    assert kinds == ["account-disabled", "account-enabled"] * 4
    assert await waiting(connection) == 0
