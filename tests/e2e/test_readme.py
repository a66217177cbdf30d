"""The README's first use, as it is printed: its commands are run, and what it says of the answers is true."""

import json
import re
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.databases import data_directory
from tests.e2e.gateway_process import wait_for
from tests.gateway.prepared import prepared_hallpass, prepared_serving
from tests.gateway.process import ROOT, environment

pytestmark = pytest.mark.slow
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _commands() -> list[str]:
    """The blocks of commands of the first use, in their order."""
    first_use = README.partition("## First use")[2].partition("\n## ")[0]
    return re.findall(r"^   ```sh\n(.*?)^   ```$", first_use, re.MULTILINE | re.DOTALL)


def _run(directory: Path, url: str, commands: str) -> str:
    text = commands.replace("http://localhost:8000", url)
    settings = environment({"HALLPASS_DATA_DIR": str(directory)})
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=ROOT, env=settings, capture_output=True, check=True
    )
    return done.stdout.decode()


def test_a_system_asks_with_its_own_credentials() -> None:
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as gateway:
        as_a_system, a_file = _commands()
        answer = json.loads(_run(directory, gateway.url, as_a_system))
        people = answer["data"]["users"]["nodes"]
        assert len(people) == 2
        assert all(person["firstName"] and person["lastName"] and person["email"] is None for person in people)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHORIZED_FIELD_OR_TYPE"}
        assert [error["path"] for error in answer["errors"]] == [["users", "nodes", at, "email"] for at in (0, 1)]

        said = _run(directory, gateway.url, a_file).split()
        assert said == ["2", "created", "1", "replaced", "2", "created", "1", "replaced", "Applied."]
        wait_for(lambda: "Your invitation to Hallpass" in _mails(gateway.url), lambda: _mails(gateway.url))

        unknown = prepared_hallpass("demo", "secret", "nobody", more={"HALLPASS_DATA_DIR": str(directory)})
        assert unknown.returncode == 1
        assert "has no secret of nobody" in unknown.stderr


def _mails(url: str) -> str:
    return httpx2.get(f"{url}/demo/mail").text


def test_the_people_that_it_names_are_the_demo_states() -> None:
    named = set(re.findall(r"`(\w+@example\.org)`", README))
    assert len(named) == 2
    printed = prepared_hallpass("demo", "people", "--json", more={})
    assert named <= {person["email"] for person in json.loads(printed.stdout)["people"]}
