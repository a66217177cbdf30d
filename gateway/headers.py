"""Response headers that protect every answer, and the redirect of pages asked for under a host not the issuer's."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from starlette.types import Message, Scope

from gateway.settings import Settings

_HIDDEN_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HIDDEN: Final = _HIDDEN_POLICY.encode()
_ALWAYS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Not no-referrer: under it browsers send `Origin: null` with our own forms.
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_OPERATION_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})


def page_policy(form_targets: Sequence[str] = (), *, connect: bool = False, more: str = "") -> str:
    """The Content-Security-Policy of a page.

    `form_targets`: further origins that forms may end at; `connect`: scripts may fetch from us; `more`: directives.
    """
    directives = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        " ".join(["form-action 'self'", *form_targets]),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    if connect:
        directives.append("connect-src 'self'")
    if more:
        directives.append(more)
    return "; ".join(directives)


class SecurityHeaders:
    """Adds what an endpoint has not set itself: policy by content type, no-store, HSTS where the issuer is https."""

    def __init__(self, settings: Settings) -> None:
        self._always = (*_ALWAYS, _STRICT_TRANSPORT) if settings.https else _ALWAYS
        self._page_policy = page_policy().encode()
        self._missing: Final = lru_cache(maxsize=1_000)(self._what_is_missing)

    def completed(self, headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """An answer's headers with what is missing. Answers have few sets of headers: what each lacks is known."""
        names = tuple([name for name, _ in headers])
        page = False
        for name, value in headers:
            if name == b"content-type":
                page = value.startswith(b"text/html")
        return [*headers, *self._missing(names, page)]

    def _what_is_missing(self, names: tuple[bytes, ...], page: bool) -> tuple[tuple[bytes, bytes], ...]:
        present = {name.lower() for name in names}
        policy = self._page_policy if page else _HIDDEN
        wanted = (*self._always, (b"content-security-policy", policy), (b"cache-control", b"no-store"))
        return tuple(pair for pair in wanted if pair[0] not in present)


class IssuerHost:
    """Sends a browser that asks for a page under another host to the issuer: cookies, passkeys and forms live there.

    Nothing else ever reads Host or X-Forwarded-*; a proxy in front passes Host on unchanged.
    """

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.issuer.encode()
        self._host = settings.issuer.partition("://")[2].encode()

    def elsewhere(self, scope: Scope) -> tuple[Message, Message] | None:
        """The redirect of a page asked for under another host; None: the request is where it belongs."""
        if not self._is_elsewhere(scope):
            return None
        query: bytes = scope["query_string"]
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        location = self._issuer + path.partition(b"?")[0] + (b"?" + query if query else b"")
        headers = [(b"location", location), (b"content-length", b"0")]
        return (
            {"type": "http.response.start", "status": 307, "headers": headers},
            {"type": "http.response.body", "body": b""},
        )

    def _is_elsewhere(self, scope: Scope) -> bool:
        if scope["method"] not in ("GET", "HEAD") or scope["path"] in _OPERATION_PATHS:
            return False
        headers = dict(scope["headers"])
        return b"text/html" in headers.get(b"accept", b"") and headers.get(b"host", self._host).lower() != self._host
