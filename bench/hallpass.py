"""How Hallpass is run as a user runs it: by its command, with one worker, on a data directory."""

import sys
from pathlib import Path

from bench.servers import ServerCommand

NAME = "Hallpass"


_LIFTED = {
    "HALLPASS_GRAPHQL_COST_CAPACITY": "1000000000000",
    "HALLPASS_GRAPHQL_COST_RESTORE": "1000000000000",
}
"""One caller asks as fast as the machine answers: her budget of cost is lifted, everything else is as by default."""


def hallpass(*arguments: str) -> list[str]:
    """The command line of this environment's `hallpass`."""
    return [str(Path(sys.executable).with_name("hallpass")), *arguments]


def gateway(directory: Path) -> ServerCommand:
    """The gateway as a server; it is there when it says that it is ready."""
    return ServerCommand(
        NAME,
        hallpass("serve", "--port", "{port}"),
        ready="/readyz",
        variables={"HALLPASS_DATA_DIR": str(directory)} | _LIFTED,
    )
