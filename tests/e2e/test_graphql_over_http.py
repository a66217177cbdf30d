"""Every audit of the npm package graphql-http passes: GraphQL over HTTP in full, what it must, should and may."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.gateway_process import GatewayProcess
from tests.gateway.process import ROOT

pytestmark = pytest.mark.node


def test_all_audits_of_graphql_http(gateway: GatewayProcess) -> None:
    node, script = Path(sys.executable).with_name("node"), ROOT / "tests" / "node" / "graphql_http.mjs"
    done = subprocess.run(
        [node, script, f"{gateway.url}/graphql"], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61
