"""What a request's headers say of how it may be read and answered: worked out once for the same headers."""

from functools import lru_cache
from typing import Final

from starlette.requests import HTTPConnection

from gateway.csrf import from_own_page
from gateway.graphql.media import answer_type, check_content_type
from gateway.refusals import Kind, RefusedError

_LOOKED_AT: Final = frozenset({b"accept", b"content-type", b"origin", b"sec-fetch-site"})
_LONGEST: Final = 500
"""Bytes of headers whose outcome is kept."""
_Headers = tuple[tuple[bytes, bytes], ...]


def negotiated(request: HTTPConnection, issuer: str, *, posted: bool) -> str:
    """The media type to answer in.

    Raises RefusedError: NOT_ACCEPTABLE, and of a POST FORBIDDEN where another site's page may have sent it,
    UNSUPPORTED_MEDIA_TYPE where its body isn't JSON.
    """
    headers = tuple(pair for pair in request.scope["headers"] if pair[0] in _LOOKED_AT)
    if sum(len(value) for _, value in headers) > _LONGEST:
        return _judged(headers, issuer, posted=posted)
    return _kept(headers, issuer, posted)


def _judged(headers: _Headers, issuer: str, *, posted: bool) -> str:
    request = HTTPConnection({"type": "http", "headers": [*headers]})
    media_type = answer_type(request)
    if posted:
        if not from_own_page(request, issuer):
            raise RefusedError(Kind.FORBIDDEN, "This request was sent by a page of another site.")
        check_content_type(request)
    return media_type


@lru_cache(maxsize=500)
def _kept(headers: _Headers, issuer: str, posted: bool) -> str:
    return _judged(headers, issuer, posted=posted)
