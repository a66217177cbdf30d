"""Carries a tab's context on: every link and form of a page leads to pages in the same context."""

import re
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from markupsafe import escape

from gateway.signin.context import PARAMETER

_ELSEWHERE: Final = ("/signin", "/oauth2", "/static", "/.well-known")
"""What has no context, or one of its own."""
_TARGET: Final = re.compile(r'(<(?:a|form)\b[^>]*?\s(?:href|action)=")(/(?![/\\])[^"]*)"')
_GET_FORM: Final = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>')
_SAFE: Final = "/@"
_NAMED: Final = re.compile(rf"[?&;]{PARAMETER}=")
_IN_QUERY: Final = re.compile(rf"(?:^|&(?:amp;)?){PARAMETER}=[^&#]*")


def carried_on(html: str, context: str) -> str:
    """The page with the context in the address of each link and form that leads to a page of ours.

    A form that is sent by GET gets a field, since its fields replace what its address says.
    """
    field = f'<input type="hidden" name="{PARAMETER}" value="{escape(context)}">'
    linked = _TARGET.sub(lambda found: f'{found[1]}{_linked(found[2], context)}"', html)
    return _GET_FORM.sub(lambda found: found[0] + field, linked)


def in_context(address: str, context: str) -> str:
    """A path of ours with that context, in place of the one that it names; elsewhere as it is."""
    return _with(address, context, "&")


def without_context(address: str) -> str:
    """A path of ours that names no context."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=_IN_QUERY.sub("", parts.query).lstrip("&")))


def is_ours(address: str) -> bool:
    """Whether the path leads to a page that has a context."""
    path = address.partition("?")[0].partition("#")[0]
    return address.startswith("/") and not any(path == one or path.startswith(f"{one}/") for one in _ELSEWHERE)


def _linked(address: str, context: str) -> str:
    """As `in_context`, written for HTML; an address that names a context is a way to another one."""
    return address if _NAMED.search(address) else _with(address, context, "&amp;")


def _with(address: str, context: str, joined: str) -> str:
    if not is_ours(address):
        return address
    before, mark, anchor = address.partition("#")
    path, _, query = before.partition("?")
    kept = _IN_QUERY.sub("", query).removeprefix(joined).removeprefix("&")
    added = f"{PARAMETER}={quote(context, safe=_SAFE)}"
    return f"{path}?{kept}{joined if kept else ''}{added}{mark}{anchor}"
