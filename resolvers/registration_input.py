"""A registration as it was typed: what was given of it, read into the fields that it stands in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from policy.ids import System
from store.relying_parties import RelyingParty

_LISTS = frozenset({"redirect_uris", "post_logout_redirect_uris"})
_SETS = frozenset({"grant_types", "scopes"})
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class SystemTyped:
    """`resource` None: the one that the system has."""

    code: str
    resource: str | None


def changes_of(typed: Mapping[str, object], systems: Sequence[SystemTyped] | None, jwks: str | None) -> dict[str, Any]:
    """By the names of `RelyingParty`. `typed`: what was given of all but systems and keys; `jwks`: a JSON object.

    Blanks around a text are left out, and an empty one means that there is none.
    """
    changes = {name: _read(name, value) for name, value in typed.items()}
    if systems is not None:
        named = [System(one.code.strip()) for one in systems]
        changes["systems"] = tuple(dict.fromkeys(named))
        changes["resources"] = {System(one.code.strip()): one.resource.strip() for one in systems if one.resource}
    if jwks is not None:
        changes["jwks"] = _key_set(jwks)
    return changes


def registration_of(client_id: str, changes: Mapping[str, Any]) -> RelyingParty:
    """A new registration: what isn't given is as `hallpass clients add` has it."""
    usual: dict[str, Any] = {
        "label": "", "systems": (), "auth_method": "client_secret_basic",
        "grant_types": frozenset({"authorization_code", "refresh_token"}),
        "scopes": frozenset({"openid", "profile", "email", "assessment", "offline_access"}),
    }  # fmt: skip
    return RelyingParty(client_id=client_id, **(usual | dict(changes)))


def _read(name: str, value: object) -> object:
    if isinstance(value, str):
        return value.strip() or (None if name.endswith("_uri") else "")
    if isinstance(value, list):
        texts = dict.fromkeys(str(one).strip() for one in cast(list[object], value))
        return frozenset(texts) if name in _SETS else tuple(texts)
    if value is None:
        return () if name in _LISTS else frozenset[str]() if name in _SETS else None
    return value


def _key_set(text: str) -> dict[str, Any] | None:
    """What isn't a JSON object that can be kept is read as an object without keys, which is refused as such."""
    if not text.strip():
        return None
    try:
        found = json.loads(text, parse_constant=_refuse, parse_int=_whole, parse_float=_refuse)
        kept = json.dumps(found, ensure_ascii=False)
        kept.encode()
    except (ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], found) if isinstance(found, dict) and "\\u0000" not in kept else {}


def _whole(text: str) -> int:
    number = int(text)
    return number if abs(number) <= _LARGEST else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} doesn't stand in a key.")
