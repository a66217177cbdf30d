"""Authorization details (RFC 9396): what a client may ask for, and entries cut to what it asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import orjson

from gateway.oidc.errors import InvalidAuthorizationDetailsError, plain
from gateway.oidc.parameters import is_text
from policy.claims import DETAILS_TYPE

Detail = Mapping[str, Any]

_LISTS: Final = ("locations", "actions", "assessments", "reports", "roles", "groups", "organizations")
_TEXTS: Final = ("program", "school_year", "reach")
_MOST_DETAILS = 20
_MOST_VALUES = 100


def requested_details(text: str | None) -> list[Detail] | None:
    """The parameter's entries; None: the client doesn't narrow. Raises InvalidAuthorizationDetailsError."""
    if text is None:
        return None
    try:
        entries = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidAuthorizationDetailsError("authorization_details is not JSON.") from error
    found = cast(list[object], entries) if isinstance(entries, list) else []
    if not 0 < len(found) <= _MOST_DETAILS:
        raise InvalidAuthorizationDetailsError(
            f"authorization_details must be an array of 1 to {_MOST_DETAILS} objects."
        )
    return [_checked(entry) for entry in found]


def cut_to(entries: Sequence[Detail], requested: Sequence[Detail] | None) -> list[Detail]:
    """What of the person's entries the client asked for: the intersection with any of its entries, never more."""
    if requested is None:
        return list(entries)
    kept: list[Detail] = []
    for entry in entries:
        for asked in requested:
            cut = _intersection(entry, asked)
            if cut is not None and cut not in kept:
                kept.append(cut)
    return kept


def _checked(entry: object) -> Detail:
    members = cast(dict[str, object], entry) if isinstance(entry, dict) else {}
    if members.get("type") != DETAILS_TYPE:
        raise InvalidAuthorizationDetailsError(f"Each entry must be an object of type {DETAILS_TYPE}.")
    for name, value in members.items():
        if name not in ("type", *_LISTS, *_TEXTS):
            raise InvalidAuthorizationDetailsError(f"An entry has no member {plain(name)}.")
        if name in _LISTS and not _is_list_of_texts(value):
            raise InvalidAuthorizationDetailsError(f"{name} must be an array of 1 to {_MOST_VALUES} plain strings.")
        if name in _TEXTS and not _is_bearable(value):
            raise InvalidAuthorizationDetailsError(f"{name} must be a string without control characters.")
    return members


def _is_list_of_texts(value: object) -> bool:
    if not isinstance(value, list):
        return False
    texts = cast(list[object], value)
    return 0 < len(texts) <= _MOST_VALUES and all(_is_bearable(one) for one in texts)


def _is_bearable(value: object) -> bool:
    """JSON can spell characters that the parameter itself may not hold, and the database can't."""
    return isinstance(value, str) and is_text(value)


def _intersection(entry: Detail, asked: Detail) -> Detail | None:
    """The entry with its lists cut to those asked for; None: nothing is left.

    A list that the entry leaves out narrows nothing there, so asking for values narrows to them; not so for student
    groups, which an entry without them is not about.
    """
    if any(name in asked and asked[name] != entry.get(name) for name in _TEXTS):
        return None
    cut = dict(entry)
    for name in _LISTS:
        if name not in asked:
            continue
        if name not in entry:
            if name == "groups":
                return None
            cut[name] = sorted(set(asked[name]))
            continue
        both = [value for value in entry[name] if value in asked[name]]
        if not both:
            return None
        cut[name] = both
    return cut
