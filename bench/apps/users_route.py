"""The limit of the list of users: routes that run the one equivalent statement, and make its JSON here or in SQL."""

from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.apps.credentials import is_known
from bench.apps.database import fetched, pool_of, with_pool
from bench.apps.serving import ALIVE, serve
from bench.apps.users_sql import json_statement, rows_statement
from bench.sight import Sight
from store.connection import Row

_SIGHT = Sight.of_environment()
_ROWS, _JSON = rows_statement(_SIGHT.gives), json_statement(_SIGHT.gives)
_PARAMETERS = (*_SIGHT.parameters, _SIGHT.own)


async def of_rows(request: Request) -> Response:
    """The same document that GraphQL answers, whatever the request asks."""
    if not is_known(request):
        return Response(status_code=401)
    rows = await fetched(pool_of(request), _ROWS, *_PARAMETERS)
    edges = [{"node": _user(list(of_user))} for _, of_user in groupby(rows, key=lambda row: row["id"])]
    return Response(orjson.dumps({"data": {"users": {"edges": edges}}}), media_type="application/json")


async def of_json(request: Request) -> Response:
    """The same as the database's text."""
    if not is_known(request):
        return Response(status_code=401)
    (row,) = await fetched(pool_of(request), _JSON, *_PARAMETERS, _SIGHT.labels)
    return Response(row[0], media_type="application/json")


def _user(rows: list[Row]) -> dict[str, Any]:
    first = rows[0]
    return {
        "id": first["id"],
        "firstName": first["first_name"],
        "lastName": first["last_name"],
        "email": first["email"],
        "assignments": {"edges": [{"node": _assignment(row)} for row in rows]},
    }


def _assignment(row: Row) -> dict[str, Any]:
    program, school_year, role = row["program"], row["school_year"], row["role"]
    return {
        "id": row["assignment"],
        "role": {"code": role, "label": _SIGHT.labels[f"{program}/{school_year}/{role}"]},
        "schoolYear": school_year or None,
        "status": row["status"].upper(),
        "organization": {
            "id": row["organization"],
            "code": row["code"],
            "name": row["name"],
            "level": row["level"].upper(),
        },
    }


_ROUTES: dict[str, Callable[[Request], Awaitable[Response]]] = {"/rows": of_rows, "/json": of_json}

if __name__ == "__main__":
    routes = [Route(path, endpoint, methods=["POST"]) for path, endpoint in _ROUTES.items()]
    serve(Starlette(routes=[*routes, ALIVE], lifespan=with_pool))
