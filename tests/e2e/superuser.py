"""What tests do to the database server behind the gateway's back."""

from typing import Any

from tests.databases import Databases, run


def ask(server: Databases, sql: str, *values: object) -> Any:
    """The first value of a statement's answer, asked on another database than the gateway's."""

    async def asked() -> Any:
        connection = await server.server.connect_as_superuser()
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    return run(asked())
