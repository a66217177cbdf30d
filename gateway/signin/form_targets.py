"""Which other origins a sign-in form may end at: the relying party's, when the way on leads there."""

from urllib.parse import parse_qs, urlsplit

from gateway.oidc.authorization.pushed import PREFIX, request_hash
from gateway.oidc.authorization.sign_in_stamp import AUTHORIZE
from policy.redirects import is_registered, origin_of
from store.database import Connection
from store.pushed_requests import pushed_redirect_uri
from store.relying_parties import find_relying_party


async def form_targets(connection: Connection, next_path: str) -> tuple[str, ...]:
    """Browsers hold `form-action` against the redirects behind a form too. Only registered redirect URIs count."""
    parts = urlsplit(next_path)
    if parts.path != AUTHORIZE:
        return ()
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    client_id = query.get("client_id", "")
    client = await find_relying_party(connection, client_id) if client_id.isprintable() else None
    if client is None or not client.active:
        return ()
    reference, uri = query.get("request_uri", ""), query.get("redirect_uri")
    if reference.startswith(PREFIX):
        uri = await pushed_redirect_uri(connection, request_hash(reference.removeprefix(PREFIX)), client_id)
    origin = origin_of(uri) if uri and is_registered(uri, client.redirect_uris) else None
    return (origin,) if origin else ()
