"""Judges the scopes that a request asks for; those that there are stand in `policy.scopes`."""

from gateway.oidc.errors import InvalidScopeError, plain
from policy.scopes import SCOPES


def scope_of(text: str | None, registered: frozenset[str]) -> tuple[str, ...]:
    """The requested scopes in order, without repetition; raises InvalidScopeError for one that isn't registered."""
    asked = tuple(dict.fromkeys((text or "").split()))
    for scope in asked:
        if scope not in SCOPES or scope not in registered:
            raise InvalidScopeError(f"The scope {plain(scope)} is not registered for this client.")
    return asked


def narrowed_scope(text: str | None, granted: str) -> str:
    """The scope of a refreshed token: what was granted, or less (RFC 6749 section 6); raises InvalidScopeError."""
    if text is None:
        return granted
    asked = tuple(dict.fromkeys(text.split()))
    wider = set(asked) - set(granted.split())
    if wider:
        raise InvalidScopeError(f"The scope {plain(min(wider))} was not granted.")
    return " ".join(asked) or granted
