"""Reads posted forms as UTF-8, whatever encoding the request claims."""

from typing import Final
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.requests import Request

from gateway.refusals import Kind, RefusedError

_URL_ENCODED: Final = b"application/x-www-form-urlencoded"
_UTF_8: Final = frozenset({b"utf-8", b"utf8"})
_MOST_FIELDS: Final = 1_000


async def posted_form(request: Request) -> FormData:
    """The form of the request's body, empty where it has none.

    Raises RefusedError UNSUPPORTED_MEDIA_TYPE where it names another encoding: Python knows encodings that yield half
    characters or fail on any text, and the sender may not choose among them. BAD_USER_INPUT for over 1,000 fields.
    Our own pages' forms are read whole, as their size is limited anyway: a parser for streams takes ten times as long.
    """
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").lower() not in _UTF_8:
        raise RefusedError(Kind.UNSUPPORTED_MEDIA_TYPE, "The form is in another encoding. Send it as UTF-8.")
    if media_type != _URL_ENCODED:
        return await request.form()
    text = (await request.body()).decode(errors="replace")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise RefusedError(Kind.BAD_USER_INPUT, f"The form has more than {_MOST_FIELDS:,} fields.") from error
    return FormData([*fields])
