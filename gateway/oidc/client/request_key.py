"""Names a request to an endpoint for clients by all that the endpoint reads of it."""

from hashlib import sha256
from typing import Final

from starlette.requests import Request

_READ: Final = frozenset({b"authorization", b"content-type", b"dpop"})


def request_key(request: Request, body: bytes) -> bytes:
    """The SHA-256 of it, secrets included: who sends the same again has proven the same.

    What is kept under it must never come from a refused request, nor from one with a proof that is good only once.
    """
    digest = sha256(request.scope["query_string"] + b"\n" + body + b"\n")
    for name, value in request.scope["headers"]:
        if name in _READ:
            digest.update(name + b":" + value + b"\n")
    return digest.digest()
