"""The sockets of a server: every address of a name, or a sentence."""

import socket

import pytest

from gateway.listening import ListenError, listening_sockets
from tests.gateway.process import free_port


def test_localhost_is_found_over_every_family_that_exists() -> None:
    port = free_port()
    sockets = listening_sockets("localhost", port)
    try:
        assert (socket.AF_INET, ("127.0.0.1", port)) in [(one.family, one.getsockname()[:2]) for one in sockets]
        socket.create_connection(("localhost", port), 2).close()
    finally:
        for one in sockets:
            one.close()


def test_a_port_in_use_leaves_no_socket_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ListenError, match="in use by another program"):
        listening_sockets("localhost", taken.getsockname()[1])


@pytest.mark.parametrize(("host", "said"), [("nowhere.invalid", "not an address"), ("203.0.113.7", "can't listen on")])
def test_an_address_of_another_machine_is_refused(host: str, said: str) -> None:
    with pytest.raises(ListenError, match=said):
        listening_sockets(host, free_port())
