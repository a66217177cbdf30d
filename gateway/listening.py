"""The sockets that a server listens on, bound before anything slow is started."""

import errno
import socket


class ListenError(Exception):
    """The address can't be had; the message says why and what to do."""


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """One socket for each address of `host`: for localhost those of IPv4 and IPv6, so that either finds it.

    An address family that this machine lacks is left out. Raises ListenError.
    """
    bound: list[socket.socket] = []
    problem = f"{host} has no address"
    try:
        for family, address in _addresses(host, port):
            try:
                bound.append(_bind(family, address))
            except OSError as error:
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise ListenError(_sentence(host, port, error)) from error
                problem = error.strerror or problem
    except ListenError:
        for opened in bound:
            opened.close()
        raise
    if not bound:
        raise ListenError(f"Hallpass can't listen on {host}: {problem}. Choose another address with --host.")
    return bound


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise ListenError(f"{host} is not an address of this machine: choose another with --host.") from error
    addresses = [(entry[0], (str(entry[4][0]), port)) for entry in found]
    if host == "localhost" and len(addresses) == 1:
        addresses.append((socket.AF_INET6, ("::1", port)))
    return list(dict.fromkeys(addresses))


def _bind(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(2048)
        made.set_inheritable(True)
    except OSError:
        made.close()
        raise
    return made


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program: stop that one, or choose another port with --port."
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}: choose one above 1023 with --port."
    return f"Hallpass can't listen on {host} port {port}: {error.strerror}."
