"""What an introspection's answer rests on, as one text that the next request computes again in one statement."""

from dataclasses import dataclass
from uuid import UUID

from store.composed import Parameters, fill
from store.connection import Connection
from store.marks import TokenMark


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """Of a token told to a caller: the caller's registration, and all that stands behind the token.

    `expected` is the value that it had before the facts were read.
    """

    expected: str | None
    text: str
    values: tuple[object, ...]

    async def still(self, connection: Connection) -> bool:
        """Whether nothing has changed; the one statement of an answer from memory."""
        return self.expected is not None and await connection.fetchval(self.text, *self.values) == self.expected


async def read_answer_mark(connection: Connection, caller: str, token: TokenMark, jti: UUID) -> AnswerMark:
    """Read it before the facts: what is older than they are is only read once more."""
    parameters = Parameters()
    text = fill(
        "introspection",
        "mark",
        caller=parameters.add(caller, "text"),
        jti=parameters.add(jti, "uuid"),
        token=token.sql(parameters),
    )
    values = tuple(parameters.values)
    return AnswerMark(await connection.fetchval(text, *values), text, values)
