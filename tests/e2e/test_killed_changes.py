"""kill -9 of the gateway, or of its server, while people change things: what was told is so, nothing is half done."""

import os
import random
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from store.database import open_connection
from store.embedded import start
from tests.databases import data_directory, run
from tests.e2e.gateway_process import GatewayProcesses
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import SignedIn, sign_in
from tests.e2e.state import embedded
from tests.e2e.test_killed import lay_out, postmaster_of
from tests.graphql.changes import REMOVE, new_person

pytestmark = pytest.mark.slow

CREATE = """mutation ($input: CreateUserInput!) { createUser(input: $input) {
    user { assignments { nodes { id } } } userErrors { code } } }"""
CHANGERS = 4
_CHANCE = random.Random(3)
_LONGEST_SECONDS = 20
_HALF = {
    "an account without its event": """select u.email from users u where u.email like 'load-%' and not exists (
        select from audit_events e where e.action = 'createUser' and e.target_id = u.id::text)""",
    "an event without its account": """select e.target_id from audit_events e
        where e.action = 'createUser' and e.target_type = 'user' and e.outcome = 'allowed'
          and not exists (select from users u where u.id::text = e.target_id)""",
    "an account without its mail": """select u.email from users u where u.email like 'load-%' and not exists (
        select from messages m where m.user_id = u.id and m.template = 'invitation')""",
    "a role without its event": """select a.id::text from role_assignments a where a.assigned_by is not null
        and not exists (select from audit_events e where e.target_id = a.id::text and e.outcome = 'allowed')""",
    "a role that went without a word": """select e.target_id from audit_events e
        where e.action = 'createUser' and e.target_type = 'role_assignment'
          and not exists (select from role_assignments a where a.id::text = e.target_id)
          and not exists (select from audit_events r where r.action = 'removeRoles' and r.target_id = e.target_id)""",
    "a role that stays though it is told to be gone": """select e.target_id from audit_events e
        where e.action = 'removeRoles' and e.outcome = 'allowed'
          and exists (select from role_assignments a where a.id::text = e.target_id)""",
    "a change that nobody is told of": """select u.email from users u where u.email like 'load-%' and not exists (
        select from access_changes c where c.user_id = u.id and c.version = u.access_version)""",
}


@pytest.fixture(scope="module")
def data_dir(secrets: SecretValues) -> Iterator[Path]:
    with data_directory() as made:
        run(lay_out(made, secrets))
        yield made


@pytest.mark.parametrize("killed", ["gateway", "server"])
def test_what_was_told_is_so_and_nothing_is_half(
    killed: str, data_dir: Path, processes: GatewayProcesses, secrets: SecretValues
) -> None:
    with processes.running(embedded(data_dir)) as gateway:
        lead, _ = sign_in(gateway.url, "coordinator", secrets)
        changers = [Changer(gateway.url, lead) for _ in range(CHANGERS)]
        for one in changers:
            one.start()
        while sum(len(one.made) for one in changers) < CHANGERS:
            time.sleep(0.02)
        time.sleep(_CHANCE.uniform(0.2, 1))
        if killed == "gateway":
            gateway.stop(signal.SIGKILL)
        else:
            os.kill(postmaster_of(data_dir), signal.SIGKILL)
        for one in changers:
            one.end()
        if killed == "server":
            gateway.wait_until_ready()
    made = {email for one in changers for email in one.made}
    taken = {identifier for one in changers for identifier in one.taken}
    assert made
    assert run(_wrong(data_dir, made, taken)) == {}


async def _wrong(data_dir: Path, made: set[str], taken: set[str]) -> dict[str, list[str]]:
    """What isn't as it was told, or is half done."""
    server = await start(data_dir)
    connection = await open_connection(server.url)
    try:
        found = {what: [row[0] for row in await connection.fetch(text)] for what, text in _HALF.items()}
        kept = {row["email"] for row in await connection.fetch("select email from users where email like 'load-%'")}
        still = {str(row["id"]) for row in await connection.fetch("select id from role_assignments")}
    finally:
        await connection.close()
        await server.stop()
    found |= {"told and lost": sorted(made - kept), "told to be taken and held": sorted(taken & still)}
    return {what: those for what, those in found.items() if those}


@dataclass(slots=True)
class Changer:
    """A browser of the coordinator that makes people and takes every second one's role, until it is told to end."""

    url: str
    who: SignedIn
    made: list[str] = field(default_factory=list[str])
    taken: list[str] = field(default_factory=list[str])
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        assert self._thread is not None
        self._thread.join()

    def _work(self) -> None:
        with httpx2.Client(base_url=self.url, cookies=self.who.cookies, timeout=_LONGEST_SECONDS) as http:
            while not self._ended.is_set():
                try:
                    self._once(http)
                except httpx2.HTTPError:
                    self._ended.wait(0.05)

    def _once(self, http: httpx2.Client) -> None:
        email = f"load-{uuid.uuid4()}@valley.example"
        told = _told(http, CREATE, new_person(email=email), "createUser")
        if told is None:
            return
        self.made.append(email)
        if len(self.made) % 2:
            return
        held = [one["id"] for one in told["user"]["assignments"]["nodes"]]
        if _told(http, REMOVE, {"assignments": held}, "removeRoles") is not None:
            self.taken += held


def _told(http: httpx2.Client, document: str, asked: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The payload of a change that is told to be done; None: it isn't told."""
    answer = http.post("/graphql", json={"query": document, "variables": {"input": asked}})
    found: dict[str, Any] | None = answer.json().get("data") if answer.status_code == 200 else None
    payload: dict[str, Any] | None = found[name] if found else None
    return payload if payload is not None and not payload["userErrors"] else None
