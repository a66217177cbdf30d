"""The pool of an application that asks the database: opened with it, closed with it, set as Hallpass sets its own."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request

from bench.apps.serving import DATABASE_VARIABLE, POOL_SIZE
from store.database import Pool, Row, open_pool


@asynccontextmanager
async def with_pool(app: Starlette) -> AsyncGenerator[None]:
    """The lifespan of such an application."""
    app.state.pool = await open_pool(os.environ[DATABASE_VARIABLE], minimum=2, maximum=POOL_SIZE, application="bench")
    try:
        yield
    finally:
        app.state.pool.terminate()


async def fetched(pool: Pool, text: str, *parameters: object) -> list[Row]:
    """The rows of one statement, on whichever connection is free."""
    async with pool.acquire() as connection:
        return await connection.fetch(text, *parameters)


def pool_of(request: Request) -> Pool:
    pool: Pool = request.app.state.pool
    return pool
