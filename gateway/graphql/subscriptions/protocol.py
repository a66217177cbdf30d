"""The protocol graphql-transport-ws: its messages, what each must hold, and the codes with which a socket is closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, cast

import orjson

SUBPROTOCOL: Final = "graphql-transport-ws"
MOST_BYTES: Final = 262_144
"""Of one message: a document of the largest size that is read, with its variables."""
LONGEST_ID: Final = 128
_LONGEST_REASON: Final = 123
"""Bytes (RFC 6455 section 5.5)."""


class Code(IntEnum):
    """Close codes of the protocol and, under 4000, of RFC 6455 and its registry."""

    TOO_LARGE = 1009
    TRY_AGAIN = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    DUPLICATE = 4409
    TOO_MANY_INITS = 4429
    INTERNAL = 4500


class ClosedError(Exception):
    """The socket is to be closed, with a code and a reason that a person understands."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a client: its id where its type has one, its payload where it brought one."""

    type: str
    id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    has_id: bool
    needs_payload: bool = False


_KINDS: Final[Mapping[str, _Kind]] = {
    "connection_init": _Kind(has_id=False),
    "ping": _Kind(has_id=False),
    "pong": _Kind(has_id=False),
    "subscribe": _Kind(has_id=True, needs_payload=True),
    "complete": _Kind(has_id=True),
}
_MEMBERS: Final[Mapping[str, type]] = {
    "query": str,
    "documentId": str,
    "operationName": str,
    "variables": dict,
    "extensions": dict,
}
"""Of a subscribe message's payload, where they are given and not null."""


def read_message(text: str | None) -> Message:
    """A client's message. Raises ClosedError (4400) for anything that the protocol doesn't know, binary ones too."""
    if text is None:
        raise _bad("Messages are JSON in text frames.")
    if len(text) > MOST_BYTES:
        raise ClosedError(Code.TOO_LARGE, f"The message is larger than {MOST_BYTES:,} bytes.")
    try:
        found: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad("The message isn't JSON.") from error
    if not isinstance(found, dict):
        raise _bad("The message isn't a JSON object.")
    message = cast("dict[str, object]", found)
    name = message.get("type")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise _bad("The message's type is missing or none that a client sends.")
    payload = _payload(message, str(name), kind)
    return Message(str(name), _id(message) if kind.has_id else "", payload)


def written(type_: str, id_: str | None = None, payload: object = None) -> str:
    """A message of the server's."""
    body: dict[str, object] = {"type": type_}
    if id_ is not None:
        body["id"] = id_
    if payload is not None:
        body["payload"] = payload
    return orjson.dumps(body).decode()


def _id(message: Mapping[str, object]) -> str:
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID:
        raise _bad(f"The message needs an id: a text of 1 to {LONGEST_ID} characters.")
    return found


def _payload(message: Mapping[str, object], name: str, kind: _Kind) -> Mapping[str, Any]:
    found = message.get("payload")
    if found is None and not kind.needs_payload:
        return {}
    if not isinstance(found, dict):
        raise _bad(f"The payload of {name} must be an object.")
    payload = cast("dict[str, Any]", found)
    if name == "subscribe":
        _check_subscribe(payload)
    return payload


def _check_subscribe(payload: Mapping[str, Any]) -> None:
    for member, type_ in _MEMBERS.items():
        if payload.get(member) is not None and not isinstance(payload[member], type_):
            raise _bad(f"`{member}` of the payload is of the wrong type.")
    if payload.get("query") is None and payload.get("documentId") is None and not payload.get("extensions"):
        raise _bad("The payload has no `query`.")


def _bad(reason: str) -> ClosedError:
    return ClosedError(Code.BAD_REQUEST, reason)
