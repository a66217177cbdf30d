"""Streams of security events: how a receiver wants to be told, whether it is, and how far it has been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection, Row
from store.relying_parties import RelyingParty, relying_party_of
from store.statements import statements


class Method(StrEnum):
    PUSH = "push"
    POLL = "poll"


class Status(StrEnum):
    """SSF 1.0 8.1.2.1."""

    ENABLED = "enabled"
    PAUSED = "paused"
    """What happens is held."""
    DISABLED = "disabled"
    """What happens is not told, also not later."""


class SetBy(StrEnum):
    """Who has set a stream's status last."""

    RECEIVER = "receiver"
    ADMINISTRATOR = "administrator"
    TRANSMITTER = "transmitter"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a receiver may choose."""

    method: Method
    endpoint_url: str | None
    sealed_header: bytes | None = field(repr=False)
    """The Authorization header that it wants with what is pushed; opaque to the store."""
    events_requested: tuple[str, ...]
    description: str | None


@dataclass(frozen=True, slots=True)
class Stream:
    id: UUID
    client: RelyingParty
    configuration: Configuration
    status: Status
    status_by: SetBy
    reason: str | None
    served: bool
    """Whether the client is active and registered to learn of changes this way."""
    failures: int


@dataclass(frozen=True, slots=True)
class StreamReport:
    """A stream as whoever looks after it sees it."""

    id: UUID
    client_id: str
    label: str
    method: Method
    status: Status
    status_by: SetBy
    reason: str | None
    served: bool
    waiting: int
    """Events that are ready to be told."""
    behind: int
    """Entries of what happened that haven't been looked through for this stream."""
    oldest_at: datetime | None
    """When the first thing happened that it hasn't been told yet, or that is still to be looked through."""
    dead: int
    """Events that the receiver has refused."""
    delivered: int
    delivered_at: datetime | None
    failures: int
    next_attempt_at: datetime | None
    last_error: str | None
    failed_at: datetime | None


async def insert_stream(
    connection: Connection, stream: UUID, client_id: str, configuration: Configuration, now: datetime
) -> bool:
    """Tells of what is put in order from now on. False: the client has a stream."""
    return bool(
        await connection.fetchval(
            statements("signal_streams")["insert"], stream, client_id, *_columns(configuration), now
        )
    )


async def stream_of_client(connection: Connection, client_id: str) -> Stream | None:
    return _stream(await connection.fetchrow(statements("signal_streams")["of_client"], client_id))


async def stream_by_id(connection: Connection, stream: UUID) -> Stream | None:
    return _stream(await connection.fetchrow(statements("signal_streams")["by_id"], stream))


async def locked_stream(connection: Connection, stream: UUID) -> Stream | None:
    """The stream, which nobody else changes until the end of the transaction."""
    await connection.execute(statements("signal_streams")["lock"], stream)
    return await stream_by_id(connection, stream)


async def stream_reports(connection: Connection) -> tuple[StreamReport, ...]:
    """All streams, by client id."""
    return tuple(
        StreamReport(
            row["id"],
            row["client_id"],
            row["label"],
            Method(row["method"]),
            Status(row["status"]),
            SetBy(row["status_by"]),
            row["reason"],
            row["served"],
            row["waiting"],
            row["behind"],
            row["oldest"],
            row["dead"],
            row["delivered"],
            row["delivered_at"],
            row["failures"],
            row["next_attempt_at"],
            row["last_error"],
            row["failed_at"],
        )
        for row in await connection.fetch(statements("signal_streams")["all"])
    )


async def configure_stream(connection: Connection, stream: UUID, configuration: Configuration) -> None:
    await connection.execute(statements("signal_streams")["configure"], stream, *_columns(configuration))


async def set_status(
    connection: Connection, stream: UUID, status: Status, by: SetBy, reason: str | None, now: datetime
) -> None:
    """On a locked stream. What waits for a stream that is disabled goes."""
    await connection.execute(statements("signal_streams")["set_status"], stream, status, by, reason, now)
    if status is Status.DISABLED:
        await connection.execute(statements("signal_deliveries")["drop_waiting"], stream)


async def ask_for_verification(connection: Connection, stream: UUID, now: datetime, not_since: datetime) -> bool:
    """False: one was asked for after `not_since`."""
    arguments = stream, now, not_since
    return bool(await connection.fetchval(statements("signal_streams")["ask_for_verification"], *arguments))


async def delete_stream(connection: Connection, stream: UUID) -> bool:
    return bool(await connection.fetchval(statements("signal_streams")["delete"], stream))


async def remove_subject(connection: Connection, stream: UUID, user: UserId) -> None:
    """The stream tells nothing of the person any more; nothing is kept of somebody who doesn't exist."""
    await connection.execute(statements("signal_streams")["remove_subject"], stream, user)


async def add_subject(connection: Connection, stream: UUID, user: UserId) -> None:
    """The stream tells of the person again, where it concerns the receiver."""
    await connection.execute(statements("signal_streams")["add_subject"], stream, user)


async def known_years(connection: Connection) -> Mapping[str, Sequence[str]]:
    """School years by program."""
    return {row["program"]: row["years"] for row in await connection.fetch(statements("signal_streams")["years"])}


def _columns(configuration: Configuration) -> tuple[object, ...]:
    return (
        configuration.method,
        configuration.endpoint_url,
        configuration.sealed_header,
        list(configuration.events_requested),
        configuration.description,
    )


def _stream(row: Row | None) -> Stream | None:
    if row is None:
        return None
    configuration = Configuration(
        Method(row["method"]), row["endpoint_url"], row["sealed_header"], tuple(row["events_requested"]),
        row["description"],
    )  # fmt: skip
    return Stream(
        row["id"], relying_party_of(row["client"], None), configuration, Status(row["status"]),
        SetBy(row["status_by"]), row["reason"], row["served"], row["failures"],
    )  # fmt: skip
