"""Content negotiation of GraphQL over HTTP (sections 4 and 6.1): what is read, and in which form it is answered."""

from functools import lru_cache
from typing import Final

from starlette.requests import HTTPConnection

from gateway.refusals import Kind, RefusedError

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
_UTF_8: Final = frozenset({"", "utf-8", "utf8"})


def answer_type(request: HTTPConnection) -> str:
    """The media type that the caller prefers of the two that there are; JSON where she doesn't say.

    Raises RefusedError (NOT_ACCEPTABLE) where she takes neither.
    """
    found = _preferred(",".join(request.headers.getlist("accept")))
    if found is None:
        raise RefusedError(Kind.NOT_ACCEPTABLE, f"Answers are {GRAPHQL_JSON} or {JSON}: accept one of them.")
    return found


@lru_cache(maxsize=256)
def _preferred(accepted: str) -> str | None:
    """Of the two types; None where neither is accepted."""
    ranges = [_range(part) for part in accepted.split(",") if part.strip()]
    if not ranges:
        return JSON
    newer, older = _wish(GRAPHQL_JSON, ranges), _wish(JSON, ranges)
    if max(newer[0], older[0]) <= 0:
        return None
    if newer == older:  # both named, or both by a wildcard only
        return GRAPHQL_JSON if newer[1] == _EXACT else JSON
    return GRAPHQL_JSON if newer > older else JSON


def check_content_type(request: HTTPConnection) -> None:
    """Refuses a body that isn't JSON in UTF-8: a form can't send that, so another site's page can't with a cookie."""
    content_type = request.headers.get("content-type", "")
    if content_type == JSON:
        return
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != JSON:
        raise RefusedError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON}.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in _UTF_8:
            raise RefusedError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON} in UTF-8.")


_EXACT: Final = 2


def _range(part: str) -> tuple[str, float]:
    """A media range and its weight (RFC 9110 section 12.4.2); a weight that is none counts as 1."""
    media_type, *parameters = (one.strip().lower() for one in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return media_type, min(max(float(value), 0.0), 1.0)
            except ValueError:
                break
    return media_type, 1.0


def _wish(media_type: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """The weight of the most specific range that holds the type, and how specific that is."""
    best = (0.0, -1)
    for written, weight in ranges:
        specific = {media_type: _EXACT, "application/*": 1, "*/*": 0}.get(written, -1)
        if specific > best[1]:
            best = (weight, specific)
    return best
