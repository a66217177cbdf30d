"""The largest request body that is read, by content length and by what really arrives."""

from typing import Final

from starlette.types import Scope

from gateway.refusals import Kind, RefusedError


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
