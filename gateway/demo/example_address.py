"""Chooses the address of the example system: on the port after the gateway's, or on any free one."""

import socket
from contextlib import suppress


def example_address(port: int) -> str:
    """The example's address beside a gateway on `port`, with a slash at its end. Raises OSError for want of a port."""
    for wanted in (port + 1, 0):
        with suppress(OSError, OverflowError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a start soon after a stop keeps its address
            probe.bind(("127.0.0.1", wanted))
            return f"http://localhost:{probe.getsockname()[1]}/"
    raise OSError("No port is free on this machine for the example system.")
