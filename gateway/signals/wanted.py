"""Reads what a receiver asks for in a stream's configuration (SSF 1.0 8.1.1), strictly: each member with its type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from gateway.decisions.reading import Json, MalformedError, object_of, text_of
from gateway.outgoing import address_fault
from policy.signals import SUPPORTED
from store.signal_streams import Method

METHODS: Final = {"urn:ietf:rfc:8935": Method.PUSH, "urn:ietf:rfc:8936": Method.POLL}
METHOD_URIS: Final[Mapping[Method, str]] = {method: uri for uri, method in METHODS.items()}
_MOST_EVENTS: Final = 100
_LONGEST_EVENT: Final = 200
_LONGEST_DESCRIPTION: Final = 200
_LONGEST_HEADER: Final = 2_000
_LONGEST_ADDRESS: Final = 1_000
RECEIVERS: Final = frozenset({"events_requested", "delivery", "description"})
"""What a receiver supplies."""


@dataclass(frozen=True, slots=True)
class WantedDelivery:
    method: Method
    endpoint_url: str | None
    authorization_header: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """None: not said."""

    events_requested: tuple[str, ...] | None
    delivery: WantedDelivery | None
    description: str | None


def wanted(body: Json, issuer: str) -> Wanted:
    """Raises MalformedError. Events that nobody here knows are taken and never told (SSF 1.0 8.1.1)."""
    delivery = body.get("delivery")
    return Wanted(
        _events(body.get("events_requested")),
        None if delivery is None else _delivery(object_of(delivery, "delivery"), issuer),
        _description(body.get("description")),
    )


def changed_transmitters(body: Json, shown: Mapping[str, Any]) -> str | None:
    """The first member that is the transmitter's to say and is said otherwise (SSF 1.0 8.1.1.3), if any."""
    for name, value in shown.items():
        if name not in RECEIVERS and name in body and not _same(body[name], value):
            return name
    return None


def _same(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return _texts(cast("list[object]", one)) == _texts(cast("list[object]", other))
    return one == other


def _texts(values: list[object]) -> list[str]:
    return sorted(str(value) for value in values)


def _events(found: object) -> tuple[str, ...] | None:
    if found is None:
        return None
    if not isinstance(found, list):
        raise MalformedError("events_requested must be a list of URIs.")
    uris = cast("list[object]", found)
    if not 0 < len(uris) <= _MOST_EVENTS:
        raise MalformedError(f"events_requested must hold 1 to {_MOST_EVENTS} URIs.")
    for uri in uris:
        if len(text_of(uri, "An event of events_requested")) > _LONGEST_EVENT:
            raise MalformedError(f"An event of events_requested is longer than {_LONGEST_EVENT} characters.")
    return tuple(dict.fromkeys(str(uri) for uri in uris))


def _description(found: object) -> str | None:
    return None if found is None else text_of(found, "description")[:_LONGEST_DESCRIPTION]


def _delivery(found: Json, issuer: str) -> WantedDelivery:
    method = METHODS.get(text_of(found.get("method"), "delivery.method"))
    if method is None:
        raise MalformedError(f"delivery.method is none of {', '.join(METHODS)}.")
    if method is Method.POLL:
        return WantedDelivery(method, None, None)
    url = text_of(found.get("endpoint_url"), "delivery.endpoint_url")
    fault = address_fault(url, issuer)
    if fault is not None or len(url) > _LONGEST_ADDRESS:
        raise MalformedError(f"delivery.endpoint_url: {fault or 'the address is too long.'}")
    return WantedDelivery(method, url, _header(found.get("authorization_header")))


def _header(found: object) -> str | None:
    if found is None:
        return None
    text = found if isinstance(found, str) else ""
    if not 0 < len(text) <= _LONGEST_HEADER or not text.isascii() or not text.isprintable() or text != text.strip():
        raise MalformedError(
            f"delivery.authorization_header must be 1 to {_LONGEST_HEADER} printable ASCII characters."
        )
    return text


ALL_EVENTS: Final = tuple(SUPPORTED)
"""For a receiver that doesn't say which events it wants."""
