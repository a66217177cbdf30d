"""The limit of the list of users: a route that runs the one equivalent statement and projects its rows to JSON."""

from itertools import groupby
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.apps.database import fetched, pool_of, with_pool
from bench.apps.serving import ALIVE, serve
from bench.apps.users_sql import ONE_STATEMENT
from bench.sight import PAGE, Sight
from store.connection import Row

_SIGHT = Sight.of_environment()


async def users(request: Request) -> Response:
    """The same document that GraphQL answers, whatever the request asks."""
    rows = await fetched(pool_of(request), ONE_STATEMENT, *_SIGHT.parameters, PAGE, _SIGHT.own)
    edges = [{"node": _user(list(of_user))} for _, of_user in groupby(rows, key=lambda row: row["id"])]
    return Response(orjson.dumps({"data": {"users": {"edges": edges}}}), media_type="application/json")


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


if __name__ == "__main__":
    serve(Starlette(routes=[ALIVE, Route("/graphql", users, methods=["POST"])], lifespan=with_pool))
