"""The README beside the decision client, word for word: its commands and programs against a real gateway."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import data_directory
from tests.gateway.prepared import prepared_serving
from tests.gateway.process import ROOT, Serving, environment

pytestmark = pytest.mark.slow
PAGE = (ROOT / "examples" / "decisions_client" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [text for kind, text in BLOCKS if kind == "sh"]
PROGRAMS = dict(
    zip(
        re.findall(r"[Ss]ave this as `~/my-system/(\w+\.py)`", PAGE),
        (text for kind, text in BLOCKS if kind == "python"),
        strict=True,
    )
)
(PRINTED,) = [text for kind, text in BLOCKS if kind == "text"]
MAKE_RUN, REGISTER, COPY, FIRST, FOLLOW, GENERATE = COMMANDS


@pytest.fixture(scope="module")
def gateway() -> Iterator[tuple[Serving, dict[str, str]]]:
    """What `make run` serves, and the environment of the second terminal."""
    assert MAKE_RUN == "make run\n"
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as started:
        home = directory.parent / "home"
        home.mkdir()
        yield started, environment({"HALLPASS_DATA_DIR": str(directory), "HOME": str(home)})


def _run(command: str, started: Serving, shell: dict[str, str]) -> str:
    text = command.replace("http://localhost:8000", started.url).replace("/tmp/openapi.json", f"{shell['HOME']}/o.json")
    shell_line = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(shell_line, cwd=ROOT, env=shell, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _saved(name: str, started: Serving, shell: dict[str, str]) -> None:
    text = PROGRAMS[name]
    assert "http://localhost:8000" in text
    Path(shell["HOME"], "my-system", name).write_text(text.replace("http://localhost:8000", started.url))


def test_from_nothing_to_a_first_answer_and_on(gateway: tuple[Serving, dict[str, str]]) -> None:
    started, shell = gateway
    shell["MY_SYSTEM_SECRET"] = _run(REGISTER + '\nprintf %s "$MY_SYSTEM_SECRET"', started, shell)
    _run(COPY, started, shell)
    _saved("first.py", started, shell)
    assert _run(FIRST, started, shell) == PRINTED
    _follows_changes(started, shell)
    _run(GENERATE, started, shell)
    assert _run(FIRST, started, shell) == PRINTED
    wrong = {**shell, "MY_SYSTEM_SECRET": "wrong"}
    refused = subprocess.run(["bash", "-c", FIRST], cwd=ROOT, env=wrong, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "RefusedError: credentials" in refused.stderr


def _follows_changes(started: Serving, shell: dict[str, str]) -> None:
    _saved("follow.py", started, shell)
    following = subprocess.Popen(
        ["bash", "-c", f"exec {FOLLOW}"], cwd=ROOT, env=shell, stdout=subprocess.PIPE, text=True
    )
    try:
        assert following.stdout is not None
        assert re.fullmatch(r"seen up to [0-9a-f]{16}\n", following.stdout.readline())
    finally:
        following.kill()
        following.wait()


def test_the_document_that_is_served_is_the_committed_one(gateway: tuple[Serving, dict[str, str]]) -> None:
    started, shell = gateway
    served = _run("curl -s http://localhost:8000/openapi.json", started, shell)
    assert json.loads(served) == json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
