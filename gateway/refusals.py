"""The refusals that any endpoint may raise: a kind out of a short list and one sentence for a person."""

from enum import StrEnum


class Kind(StrEnum):
    """What went wrong, as GraphQL's `extensions.code` spells it; `gateway.problems` has the other spellings."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    """Also for what exists but isn't visible to the caller."""
    BAD_USER_INPUT = "BAD_USER_INPUT"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    TOO_LARGE = "TOO_LARGE"
    TOO_SLOW = "TOO_SLOW"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    THROTTLED = "THROTTLED"
    DEADLINE = "DEADLINE"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL_SERVER_ERROR"


class RefusedError(Exception):
    """Raised anywhere in the edge; answered in the form that the asked path speaks.

    `oauth`: OAuth's name of the error where it is a closer one than the kind's.
    """

    def __init__(
        self, kind: Kind, message: str, headers: dict[str, str] | None = None, *, oauth: str | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.headers = headers or {}
        self.oauth = oauth
