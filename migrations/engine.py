"""Runs revisions with Alembic, one transaction each; imported only when there is something to run."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.state import VERSION_TABLE
from store.database import SCHEMA


async def upgrade_to_head(connect: Callable[[], Awaitable[Any]], directory: Path) -> None:
    """Apply the revisions in `directory/versions` that the database lacks; `connect` opens asyncpg connections.

    A failing revision is rolled back whole and its error raised; those before it stay.
    """
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade, directory)
    finally:
        await engine.dispose()


def script_directory(directory: Path) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")  # the default splits a path at blanks
    return ScriptDirectory.from_config(config)


def _upgrade(connection: Connection, directory: Path) -> None:
    script = script_directory(directory)

    def revisions(current: Any, _: MigrationContext) -> Any:
        return script._upgrade_revs("head", current)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    with EnvironmentContext(Config(), script, fn=revisions) as environment:
        environment.configure(
            connection=connection,
            transaction_per_migration=True,
            version_table=VERSION_TABLE,
            version_table_schema=SCHEMA,
        )
        with environment.begin_transaction():
            environment.run_migrations()
