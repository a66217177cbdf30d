"""The limit of a token endpoint: a route reads the form, compares the secret and signs; another asks a database too."""

import base64
import hashlib
import hmac
import os
import secrets
import time

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.apps.database import pool_of, with_pool
from bench.apps.serving import ALIVE, PORT_VARIABLE, serve
from bench.client import CLIENT_ID, CLIENT_SECRET, RESOURCE
from store.relying_parties import client_for_resource

_KEY = ec.generate_private_key(ec.SECP256R1())
_HEADER = orjson.dumps({"alg": "ES256", "kid": secrets.token_urlsafe(32), "typ": "at+jwt"})
_SECRET_HASH = hashlib.sha256(CLIENT_SECRET.encode()).digest()
_LIFE_SECONDS = 300


async def token(request: Request) -> Response:
    """client_credentials without asking the database."""
    return await _granted(request)


async def token_with_statement(request: Request) -> Response:
    """The same, with the one statement that Hallpass reads the client with."""
    async with pool_of(request).acquire() as connection:
        client, _ = await client_for_resource(connection, CLIENT_ID, None)
    return await _granted(request) if client is not None else Response(status_code=401)


async def _granted(request: Request) -> Response:
    form = await request.form()
    name, _, secret = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().partition(":")
    known = hmac.compare_digest(hashlib.sha256(secret.encode()).digest(), _SECRET_HASH)
    if form.get("grant_type") != "client_credentials" or name != CLIENT_ID or not known:
        return Response(status_code=401)
    body = {"access_token": _signed(name), "token_type": "Bearer", "expires_in": _LIFE_SECONDS}
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"})


def _signed(client_id: str) -> str:
    now = int(time.time())
    claims = {
        "iss": f"http://localhost:{os.environ[PORT_VARIABLE]}",
        "aud": RESOURCE,
        "sub": client_id,
        "client_id": client_id,
        "iat": now,
        "exp": now + _LIFE_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }
    signed = _base64url(_HEADER) + b"." + _base64url(orjson.dumps(claims))
    r, s = decode_dss_signature(_KEY.sign(signed, ec.ECDSA(hashes.SHA256())))
    return (signed + b"." + _base64url(r.to_bytes(32) + s.to_bytes(32))).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


if __name__ == "__main__":
    paths = {"/token": token, "/token-with-statement": token_with_statement}
    routes = [Route(path, endpoint, methods=["POST"]) for path, endpoint in paths.items()]
    serve(Starlette(routes=[ALIVE, *routes], lifespan=with_pool))
