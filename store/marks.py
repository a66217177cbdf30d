"""Marks: what a caller's facts rest on, as one text that a request's own statement computes again."""

from dataclasses import dataclass, field
from uuid import UUID

from store.composed import Parameters, fill
from store.connection import Connection


class CallerChangedError(Exception):
    """The mark isn't what it was: the caller must be read anew, and the work be done again."""


@dataclass(frozen=True, slots=True)
class TokenMark:
    """Of a relying party's access token: the client, and the person and authorization that stand behind it."""

    client_id: str
    authorization: UUID | None

    def sql(self, parameters: Parameters) -> str:
        client = parameters.add(self.client_id, "text")
        if self.authorization is None:
            return fill("marks", "by_system", client=client)
        return fill("marks", "by_token", client=client, authorization=parameters.add(self.authorization, "uuid"))


@dataclass(frozen=True, slots=True)
class SessionMark:
    """Of a session: the person, her active role, and that the session wasn't ended."""

    token_hash: bytes

    def sql(self, parameters: Parameters) -> str:
        return fill("marks", "by_session", token_hash=parameters.add(self.token_hash, "bytea"))


@dataclass(frozen=True, slots=True)
class AnybodyMark:
    """Of a caller without credentials: the epoch alone."""

    def sql(self, parameters: Parameters) -> str:
        del parameters
        return fill("marks", "anybody")


MarkedBy = TokenMark | SessionMark | AnybodyMark


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark with the value that it had when, or before, the facts were read that rest on it."""

    by: MarkedBy
    expected: str
    statement: tuple[str, tuple[object, ...]] = field(repr=False, compare=False)
    """What reads the mark again, and its values."""

    @property
    def epoch(self) -> int:
        return int(self.expected.rpartition("|")[2])

    def sql(self, parameters: Parameters) -> str:
        """A scalar expression: where it differs from `expected`, also by being null, the facts may have changed."""
        return self.by.sql(parameters)

    def verify(self, found: str | None) -> None:
        """Raises CallerChangedError."""
        if found != self.expected:
            raise CallerChangedError


async def read_mark(connection: Connection, by: MarkedBy) -> Mark | None:
    """The mark now; read it before the facts. None: there is no such client or session."""
    parameters = Parameters()
    text = fill("marks", "read", mark=by.sql(parameters))
    values = tuple(parameters.values)
    found = await connection.fetchval(text, *values)
    return None if found is None else Mark(by, found, (text, values))


async def verify_mark(connection: Connection, mark: Mark) -> None:
    """Raises CallerChangedError where the caller's facts may have changed."""
    text, values = mark.statement
    mark.verify(await connection.fetchval(text, *values))
