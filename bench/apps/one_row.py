"""The limit of short answers: routes that know the caller by a remembered token and read one row, for each of two."""

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.apps.credentials import is_known
from bench.apps.database import fetched, pool_of, with_pool
from bench.apps.serving import ALIVE, serve
from bench.sight import Sight

_SIGHT = Sight.of_environment()
_ROW = "select id::text, status, access_version from users where id = $1::text::uuid"


async def viewer(request: Request) -> Response:
    """The person behind the token; what the request asks isn't read."""
    if not is_known(request):
        return Response(status_code=401)
    (row,) = await fetched(pool_of(request), _ROW, _SIGHT.own)
    return _json({"data": {"viewer": {"id": row["id"]}}})


async def evaluation(request: Request) -> Response:
    """Yes for a person who is active."""
    if not is_known(request):
        return Response(status_code=401)
    asked = orjson.loads(await request.body())
    (row,) = await fetched(pool_of(request), _ROW, asked["subject"]["id"])
    return _json({"decision": row["status"] == "active", "context": {"access_version": str(row["access_version"])}})


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


if __name__ == "__main__":
    routes = [Route("/viewer", viewer, methods=["POST"]), Route("/evaluation", evaluation, methods=["POST"]), ALIVE]
    serve(Starlette(routes=routes, lifespan=with_pool))
