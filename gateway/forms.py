"""Reads posted forms as UTF-8, whatever encoding the request claims."""

from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.requests import Request

from gateway.refusals import Kind, RefusedError

_UTF_8: Final = frozenset({b"utf-8", b"utf8"})


async def posted_form(request: Request) -> FormData:
    """The form of the request's body. Raises RefusedError UNSUPPORTED_MEDIA_TYPE where it names another encoding.

    Python knows encodings that yield half characters or fail on any text; the sender may not choose among them.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").lower() not in _UTF_8:
        raise RefusedError(Kind.UNSUPPORTED_MEDIA_TYPE, "The form is in another encoding. Send it as UTF-8.")
    return await request.form()
