"""The largest request body that is read, by content length and by what really arrives."""

from collections.abc import Mapping
from typing import Final

from starlette.types import Scope

from gateway.refusals import Kind, RefusedError
from resolvers.import_groups import MOST_BYTES as MOST_BYTES_OF_GROUPS
from resolvers.suggestions.receiving import MOST_BYTES as MOST_BYTES_OF_SETS
from resolvers.uploads.receiving import MOST_BYTES

_FORM_BYTES: Final = 65_536
"""What a form adds to the file in it."""


class BodyLimit:
    """Refuses a body over `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit: Final = limit

    def check_announced(self, scope: Scope) -> None:
        """Raises RefusedError (TOO_LARGE) by the content length."""
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit():
                self.check(int(value))

    def check(self, arrived: int) -> None:
        """Raises RefusedError (TOO_LARGE) by what has arrived so far."""
        if arrived > self._limit:
            text = f"The request is larger than {self._limit:,} bytes. Send less at once."
            raise RefusedError(Kind.TOO_LARGE, text)


class _Limits(dict[str, BodyLimit]):
    """By path; every other path has the usual one."""

    def __init__(self, usual: BodyLimit, others: Mapping[str, BodyLimit]) -> None:
        super().__init__(others)
        self._usual = usual

    def __missing__(self, path: str) -> BodyLimit:
        return self._usual


def body_limits(usual: int) -> Mapping[str, BodyLimit]:
    """The limit of each path. A file of people may be larger than any other body: it isn't kept in memory."""
    files = {
        "/uploads": MOST_BYTES,
        "/uploads/student-groups": MOST_BYTES_OF_GROUPS,
        "/uploads/one-roster": MOST_BYTES_OF_SETS,
        "/uploads/one-roster/classes": MOST_BYTES_OF_SETS,
    }
    return _Limits(BodyLimit(usual), {path: BodyLimit(most + _FORM_BYTES) for path, most in files.items()})
