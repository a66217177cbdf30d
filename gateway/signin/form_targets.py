"""Which other origins a sign-in form may end at: the relying party's, when the way on leads there."""

from urllib.parse import parse_qs, urlsplit

from policy.redirects import is_registered, origin_of
from store.database import Connection
from store.relying_parties import find_relying_party

_AUTHORIZE = "/oauth2/authorize"


async def form_targets(connection: Connection, next_path: str) -> tuple[str, ...]:
    """Browsers hold `form-action` against the redirects behind a form too. Only registered redirect URIs count."""
    parts = urlsplit(next_path)
    if parts.path != _AUTHORIZE:
        return ()
    query = parse_qs(parts.query)
    client_id, uri = query.get("client_id", [""])[0], query.get("redirect_uri", [""])[0]
    client = await find_relying_party(connection, client_id) if client_id.isprintable() else None
    if client is None or not client.active or not is_registered(uri, client.redirect_uris):
        return ()
    origin = origin_of(uri)
    return (origin,) if origin else ()
