"""docs/relying-parties.md as a downstream team uses it: its commands and client are run, its tables are true."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.databases import data_directory
from tests.e2e.gateway_process import wait_for
from tests.gateway.prepared import prepared_hallpass, prepared_serving
from tests.gateway.process import ROOT, environment, free_port
from tests.oidc.world import csrf

PAGE = (ROOT / "docs" / "relying-parties.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|js)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
MAKE_RUN, REGISTER, DISCOVER, PREVIEW, RUN = [text for kind, text in BLOCKS if kind == "sh"]
(CLIENT,) = [text for kind, text in BLOCKS if kind == "js"]
ROWS = re.findall(r"^\| .* \| `(tests/[^`]*)` \|$", PAGE, re.MULTILINE)
SENTENCES = re.findall(r'^\| [^|"]*"([^"]*)"', PAGE.partition("## Usual mistakes")[2], re.MULTILINE)
PERSON = r"^\| `([a-z.]+@example\.org)` \| [^|]* \| (no|reach `[a-z-]+`)[^|]* \| [^|]* \|$"
PEOPLE = dict(re.findall(PERSON, PAGE, re.MULTILINE))
PASSWORD = "welcome to the demo state"
NODE = Path(sys.executable).with_name("node")


@contextmanager
def client(directory: Path, url: str, port: int, secret: str) -> Generator[str]:
    """The page's own client; its address."""
    (directory / "relying-party.mjs").write_text(CLIENT, encoding="utf-8")
    settings = {"ISSUER": url, "CLIENT_ID": "my-app", "CLIENT_SECRET": secret, "PORT": str(port)}
    words = [str(NODE), *RUN.split()[1:]]
    with subprocess.Popen(
        words, cwd=directory, env=environment(settings), stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: _answers(address), lambda: str(process.poll()))
            yield address
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the command and the Node.js that it starts


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/signed-out").status_code == 200
    except httpx2.TransportError:
        return False


def sign_in(browser: httpx2.Client, address: str, email: str) -> httpx2.Response:
    """From the client's page to wherever it ends."""
    page = browser.get(address, follow_redirects=True)
    onward = page.url.params["next"]
    form = {"email": email, "password": PASSWORD, "next": onward, "csrf": csrf(page)}
    return browser.post(page.url.join("/signin"), data=form, follow_redirects=True)


@pytest.mark.slow
def test_a_team_connects() -> None:
    """Registration, discovery, preview, sign-in, refresh and sign-out; who has steps to do stays out."""
    assert (MAKE_RUN, RUN) == ("make run\n", "node relying-party.mjs\n")
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as gateway:
        port = free_port()
        text = f"{REGISTER}echo $CLIENT_SECRET\n{DISCOVER}echo\n{PREVIEW}".replace("http://localhost:8000", gateway.url)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text.replace("3000", str(port))], cwd=ROOT,
            env=environment({"HALLPASS_DATA_DIR": str(directory)}), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        secret, discovery, previews = done.stdout.split("\n", 2)
        assert json.loads(discovery)["issuer"] == gateway.url
        assert "She would get in as caaspp/site-coordinator/" in previews
        assert '"assessment_access": [' in previews
        assert "She would not get in (NO_ACCESS)" in previews
        assert "lacks: form:security-affidavit" in previews
        some = ("superintendent@example.org", "teacher@example.org", "unsigned@example.org")
        assert {email: _into_cers(directory, email) for email in some} == {email: PEOPLE[email] for email in some}
        with client(directory, gateway.url, port, secret) as address:
            _site_coordinator(address, gateway.url)
            with httpx2.Client(timeout=30) as browser:
                page = sign_in(browser, address, "unsigned@example.org")
                assert (page.status_code, str(page.url).startswith(gateway.url)) == (403, True)


def _into_cers(directory: Path, email: str) -> str:
    """As the page's table says it, by the preview; tests/demo/test_people.py compares the whole table."""
    more = {"HALLPASS_DATA_DIR": str(directory)}
    asked = ("clients", "preview", "my-app", email, "--operator", "the page's table", "--json")
    done = prepared_hallpass(*asked, more=more)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if told["refusal"] is not None:
        return "no"
    (reach,) = {one["reach"] for one in told["id_token"]["assessment_access"]}
    return f"reach `{reach}`"


def _site_coordinator(address: str, issuer: str) -> None:
    with httpx2.Client(timeout=30) as browser:
        told = sign_in(browser, address, "site@example.org").json()
        assert told["name"] == "Meilin Quach"
        assert told["assessment"]["active_role"]["role"] == "site-coordinator"
        assert {one["type"] for one in told["details"]} == {"assessment_access"}
        again = browser.get(f"{address}/refresh", follow_redirects=True)
        assert again.json()["details"] == told["details"]
        left = browser.get(f"{address}/sign-out", follow_redirects=True)
        assert (str(left.url), left.text) == (f"{address}/signed-out", "Signed out.\n")
        assert str(browser.get(address, follow_redirects=True).url).startswith(f"{issuer}/signin")
        wrong = browser.get(f"{address}/callback", params={"state": "x", "code": "y", "iss": issuer})
        assert wrong.status_code == 400


def test_the_people_that_it_names_are_the_demo_states() -> None:
    printed = prepared_hallpass("demo", "people", "--json", more={})
    assert {person["email"] for person in json.loads(printed.stdout)["people"]} == PEOPLE.keys()


def test_each_mistake_is_held_by_a_test_and_said_as_it_is_written() -> None:
    assert len(ROWS) >= 15
    for row in ROWS:
        path, _, name = row.partition("::")
        assert (ROOT / path).exists(), row
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), row
    said = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    assert len(SENTENCES) >= 8
    for sentence in SENTENCES:
        assert sentence in said, sentence
