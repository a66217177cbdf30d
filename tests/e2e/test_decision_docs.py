"""The first answer of docs/decisions.md: its commands, as they are printed, against a real gateway."""

import json
import re
import subprocess

import pytest

from tests.databases import data_directory
from tests.gateway.prepared import prepared_serving
from tests.gateway.process import ROOT, environment

pytestmark = pytest.mark.slow
PAGE = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## From nothing to a first answer\n")[2].partition("\n## ")[0]
MAKE_RUN, *COMMANDS = re.findall(r"^```sh\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


def test_from_nothing_to_a_first_answer() -> None:
    assert (MAKE_RUN, len(COMMANDS)) == ("make run\n", 3)
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as gateway:
        again = COMMANDS[-1].replace("state:CA", "lea:01600000000000")
        text = "\necho\n".join([*COMMANDS, again]).replace("http://localhost:8000", gateway.url)
        shell = environment({"HALLPASS_DATA_DIR": str(directory)})
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=ROOT, env=shell, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        denied, allowed = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert (denied["decision"], denied["context"]["reason"]) == (False, "not-this-organization")
    assert (allowed["decision"], allowed["context"]["reason"]) == (True, "granted")
    assert set(denied["context"]) == set(allowed["context"]) == {"reason", "access_version", "decision_id"}
