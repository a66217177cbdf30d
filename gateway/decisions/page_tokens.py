"""Page tokens: a position that only the caller who was given it can use, for the same question at the same version."""

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, cast

import orjson

from gateway.decisions.reading import Json, MalformedError
from gateway.oidc.keys.sealing import SealError, seal, unseal
from gateway.secret_key import subkey
from policy.caller import Caller, PersonCaller, SystemCaller

_PURPOSE: Final = "decision-pages"
_FOREIGN: Final = (
    "page.token is none that you were given for this question: send the same question without a token to begin again."
)
_OUTDATED: Final = "Access has changed since the page before: send the question without a token to begin again."


def write_token(secret_key: bytes, binding: str, version: int | None, position: str) -> str:
    """Sealed: a position may be a name that the caller isn't told."""
    sealed = seal(subkey(secret_key, _PURPOSE), orjson.dumps([version, position]), binding)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_token(secret_key: bytes, binding: str, token: str) -> tuple[int | None, str]:
    """The version and position. Raises MalformedError."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        version, position = cast(list[Any], orjson.loads(unseal(subkey(secret_key, _PURPOSE), sealed, binding)))
    except (ValueError, binascii.Error, SealError) as error:
        raise MalformedError(_FOREIGN) from error
    return version, position


def check_version(given: int | None, now: int | None) -> None:
    """Raises MalformedError where a page would continue a list that isn't the same any more."""
    if given != now:
        raise MalformedError(_OUTDATED)


def binding_of(path: str, body: Json, caller: Caller) -> str:
    """The question and who asks it, as one text: all of the request but the token (AuthZEN 8.2.1)."""
    page: Mapping[str, Any] = body.get("page") or {}
    asked = {**body, "page": {name: value for name, value in page.items() if name != "token"}}
    digest = sha256(orjson.dumps([path, asked], option=orjson.OPT_SORT_KEYS)).hexdigest()
    match caller:
        case SystemCaller():
            who = f"client {caller.client_id}"
        case PersonCaller():
            who = f"person {caller.user} {caller.active} {sorted(caller.systems or ())}"
        case _:
            who = "nobody"
    return f"{digest} {who}"
