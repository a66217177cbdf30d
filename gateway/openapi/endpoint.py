"""GET `/openapi.json`: the document, the same for everybody."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.openapi.document import printed
from gateway.openapi.operation import PATH


async def openapi(_: Request) -> Response:
    """What stands in it is no secret: it names no person, organization or client."""
    return Response(printed(), media_type="application/json", headers={"Cache-Control": "public, max-age=300"})


def routes() -> list[BaseRoute]:
    return [Route(PATH, openapi, methods=["GET"])]
