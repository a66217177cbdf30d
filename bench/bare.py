"""The bare servers of `bench.apps` as processes, and the limit that every HTTP case has: a route that does nothing."""

from collections.abc import Mapping

from bench.apps.serving import DATABASE_VARIABLE, POOL_SIZE, PORT_VARIABLE
from bench.http import request_bytes
from bench.http_contender import http_contender
from bench.load.job import Job
from bench.options import Options
from bench.servers import Server, ServerCommand, python_module
from bench.trial import Contender, Kind

__all__ = ["POOL_SIZE", "SMALL_JSON", "app", "small_json"]

SMALL_JSON = "bare route, small JSON"


def app(name: str, database_url: str | None = None, variables: Mapping[str, str] | None = None) -> ServerCommand:
    """The server of `bench/apps/{name}.py`; with a database address where it asks one."""
    given = {PORT_VARIABLE: "{port}"} | ({} if database_url is None else {DATABASE_VARIABLE: database_url})
    return ServerCommand(name, python_module(f"bench.apps.{name}"), variables=given | dict(variables or {}))


def small_json(options: Options, server: Server) -> Contender:
    """The server of `bench.apps.bare`: what Starlette itself can answer."""
    request = request_bytes("POST", "/", server.port, b"{}", {"Content-Type": "application/json"})
    return http_contender(
        SMALL_JSON, Kind.LIMIT, lambda seconds: Job(server.port, request, options.connections, seconds)
    )
