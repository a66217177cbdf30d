"""The limit of memory: a bare Starlette application that holds a pool of asyncpg and does nothing with it."""

from starlette.applications import Starlette

from bench.apps.database import with_pool
from bench.apps.serving import ALIVE, serve

if __name__ == "__main__":
    serve(Starlette(routes=[ALIVE], lifespan=with_pool))
