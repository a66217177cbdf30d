"""Keyset pages: what was asked for, opaque cursors, and rows turned into a page."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import TypeVar, cast
from uuid import UUID

import orjson

from store.connection import Row
from store.keys_of import text_key
from store.records import Count, Page

T = TypeVar("T")

MOST_ROWS = 100
COUNTED_EXACTLY = 10_000
_CHECK_BYTES = 5
_NIL = UUID(int=0)


class PageRefusedError(ValueError):
    """The page asked for can't be given; `argument` is `first` or `after`, the message says what to do."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`first` rows (1–100) behind the cursor `after`; without one, the first of all. Raises PageRefusedError."""

    first: int = 50
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= MOST_ROWS:
            raise PageRefusedError("first", f"first is {self.first}: ask for 1 to {MOST_ROWS} rows.")


def write_cursor(kind: str, *position: str) -> str:
    """A row's position in its list as opaque text. It names a position and grants nothing: reach is applied anew."""
    payload = orjson.dumps([kind, *position])
    return base64.urlsafe_b64encode(_check(payload) + payload).decode("ascii").rstrip("=")


def read_cursor(kind: str, size: int, text: str) -> tuple[str, ...]:
    """The position of a cursor that `write_cursor` made for lists of this kind. Raises PageRefusedError."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        payload = data[_CHECK_BYTES:]
        if data[:_CHECK_BYTES] != _check(payload):
            raise ValueError(text)
        found = cast(list[object], orjson.loads(payload))
    except (ValueError, binascii.Error) as error:
        raise PageRefusedError(
            "after", "after isn't a cursor of this service: use an endCursor that it gave."
        ) from error
    if len(found) != size + 1 or found[0] != kind or not all(isinstance(part, str) for part in found):
        raise PageRefusedError("after", f"after is a cursor of another list: use one from the list of {kind}.")
    return tuple(cast(list[str], found[1:]))


def start_behind(after: tuple[str, UUID], name_prefix: str | None) -> tuple[str, UUID]:
    """The later of the cursor's position and the beginning of the names with this prefix.

    As one bound: of two lower bounds the server may start its index scan at the farther one.
    """
    return after if name_prefix is None else max(after, (text_key(name_prefix), _NIL))


def page_of(
    rows: Sequence[Row], request: PageRequest, record: Callable[[Row], T], cursor: Callable[[Row], str]
) -> Page[T]:
    """A page from up to `first + 1` rows: the one too many says that there is a next page."""
    shown = rows[: request.first]
    return Page(
        tuple(record(row) for row in shown),
        tuple(cursor(row) for row in shown),
        has_next=len(rows) > request.first,
        has_previous=request.after is not None,
    )


def count_of(found: int) -> Count:
    """The count from a count that stopped at one above `COUNTED_EXACTLY`."""
    if found > COUNTED_EXACTLY:
        return Count(None, COUNTED_EXACTLY)
    return Count(found, found)


def _check(payload: bytes) -> bytes:
    return blake2s(payload, digest_size=_CHECK_BYTES, person=b"cursor").digest()
