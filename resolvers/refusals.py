"""What a resolver or guard refuses, with the code that a GraphQL error carries and one sentence for a person."""

from enum import StrEnum


class Code(StrEnum):
    """`extensions.code` of a refusal (architecture: few codes at the edge)."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    UNAUTHORIZED_FIELD_OR_TYPE = "UNAUTHORIZED_FIELD_OR_TYPE"
    """The field is null and this error stands at its path."""
    FORBIDDEN = "FORBIDDEN"
    """A mutation that the caller doesn't have at all."""
    NOT_FOUND = "NOT_FOUND"
    """Also for what exists but isn't visible to the caller."""
    BAD_USER_INPUT = "BAD_USER_INPUT"


class RefusedError(Exception):
    """Raised while a field is resolved; answered as an error at that field's path."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad_input(message: str) -> RefusedError:
    return RefusedError(Code.BAD_USER_INPUT, message)


def not_found(message: str) -> RefusedError:
    return RefusedError(Code.NOT_FOUND, message)
