"""How surely a person must have proved who she is, as an authorization request asks (Core 3.1.2.1 and 5.5.1.1).

OpenID Connect Core makes `acr_values` voluntary. Here a level that we know is either reached or answered with
`unmet_authentication_requirements`: whoever asks for AAL2 because of what it shows isn't helped by a code that says
AAL1 and that it may forget to look at. Levels that we don't know are left out of account, as Core wants it, and of
several known ones the lowest is enough, whatever their order.
"""

from collections.abc import Iterable
from typing import Any, Final, cast

import orjson

from gateway.oidc.errors import InvalidRequestError
from gateway.oidc.parameters import Parameters
from gateway.signin.assurance import ACR_VALUES

_LOWEST: Final = ACR_VALUES[0]


def needed_acr(parameters: Parameters) -> str | None:
    """The lowest level that is enough; None: any is. Raises InvalidRequestError for `claims` that is no JSON object."""
    asked = [*parameters.get("acr_values", "").split(), *_in_claims(parameters.get("claims"))]
    known = [level for level in ACR_VALUES if level in asked]
    return known[0] if known and known[0] != _LOWEST else None


def reaches(acr: str, needed: str | None) -> bool:
    """Whether a session of this level is enough."""
    if needed is None:
        return True
    return acr in ACR_VALUES and ACR_VALUES.index(acr) >= ACR_VALUES.index(needed)


def _in_claims(text: str | None) -> Iterable[str]:
    """`acr` of the ID token in the claims parameter; other claims in it are not looked at."""
    if text is None:
        return ()
    try:
        claims = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequestError("claims is not JSON.") from error
    acr = _member(_member(claims, "id_token"), "acr")
    values = _member(acr, "values")
    several = cast(list[object], values) if isinstance(values, list) else []
    return [one for one in (_member(acr, "value"), *several) if isinstance(one, str)]


def _member(found: object, name: str) -> Any:
    return cast(dict[str, Any], found).get(name) if isinstance(found, dict) else None
