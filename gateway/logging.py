"""Logs as JSON lines on standard error, with the request's id, without secrets, also those of the standard library."""

import asyncio
import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, Final, cast

import orjson
import structlog

from gateway.masking import masked, masked_text

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
_TRUSTED: Final = frozenset({"event", "level", "timestamp", "request_id", "exception", "source"})
_WAITING: Final[list[bytes]] = []
_QUIET_LIBRARIES: Final = ("uvicorn.access", "uvicorn.error", "asyncio", "alembic", "httpx2", "httpcore2")
"""What they tell at level info is noise, or names the addresses that they call."""


def configure_logging(level: str) -> None:
    """Send structlog's and the standard library's records of at least `level` through one chain to standard error."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            add_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            describe_exception,
            mask_secrets,
            structlog.processors.JSONRenderer(serializer=_dump),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_StandardError,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_ToStructlog()]
    root.setLevel(threshold)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines say where they come from."""
    return structlog.get_logger(source=name)


def add_request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: under which request this was said, where it was under one."""
    request_id = REQUEST_ID.get()
    if request_id is not None:
        event.setdefault("request_id", request_id)
    return event


def mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: no value leaves unseen; the event's own text is checked too, since an error may be part of it."""
    for name, value in event.items():
        if name not in _TRUSTED:
            event[name] = masked(name, value)
    event["event"] = masked_text(str(event.get("event", "")))
    return event


def describe_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: an exception as type, masked message and places in the code, never with local variables."""
    given: Any = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = cast(object, given[1] if isinstance(given, tuple) else given)
    if isinstance(error, BaseException):
        event["exception"] = [_described(link) for link in _chain(error)]
    return event


def _described(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": type(error).__qualname__,
        "message": masked_text(str(error)),
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what led to it, nearest first, at most five."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain and len(chain) < 5:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return chain


def write_line(line: bytes) -> None:
    """One line on what standard error is now, at once, after those that wait."""
    _WAITING.append(line)
    write_waiting_lines()


def write_line_soon(line: bytes) -> None:
    """One line, written with the others of this turn of the event loop; at once where none runs.

    Each write is a call to the system, as dear as most of what else a request's line costs.
    """
    _WAITING.append(line)
    if len(_WAITING) == 1:
        try:
            asyncio.get_running_loop().call_soon(write_waiting_lines)
        except RuntimeError:
            write_waiting_lines()


def write_waiting_lines() -> None:
    """All that `write_line_soon` was given so far."""
    if _WAITING:
        lines = b"\n".join((*_WAITING, b""))
        _WAITING.clear()
        sys.stderr.buffer.write(lines)
        sys.stderr.buffer.flush()


class _StandardError:
    """The end of structlog's chain."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: bytes) -> None:
        write_line(line)

    debug = info = warning = error = critical = fatal = exception = log = msg


def _dump(event: object, **_options: object) -> bytes:
    return orjson.dumps(event, default=str)


class _ToStructlog(logging.Handler):
    """Hands a record of the standard library's to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            logger(record.name).log(record.levelno, record.getMessage(), exc_info=record.exc_info)
        except Exception:  # noqa: BLE001  (a log line must never end a request, and the library's way shows its values)
            sys.stderr.write(
                f"A log line of {record.name} at {record.pathname}:{record.lineno} could not be written.\n"
            )
