"""Runs the npm package openid-client of tests/node against a gateway."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.secret_values import SecretValues
from tests.gateway.process import ROOT

_NODE = Path(sys.executable).with_name("node")
_SCRIPT = ROOT / "tests" / "node" / "openid_client.mjs"


def openid_client(asked: dict[str, str], secrets: SecretValues) -> dict[str, Any]:
    """What the package got; what it refuses fails with its own message. Secrets that it met are kept."""
    done = subprocess.run(
        [_NODE, _SCRIPT], check=False, input=json.dumps(asked), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    secrets.keep(*told.pop("secrets"))
    return told
