"""Downstream systems with their resource URIs: the audiences of access tokens."""

from dataclasses import dataclass

from policy.ids import System
from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class RegisteredSystem:
    code: System
    label: str
    resource_uri: str
    """Absolute, without a fragment (RFC 8707 section 2)."""


async def registered_systems(connection: Connection) -> tuple[RegisteredSystem, ...]:
    """Every system, ordered by code."""
    rows = await connection.fetch(statements("systems")["all"])
    return tuple(RegisteredSystem(System(row["code"]), row["label"], row["resource_uri"]) for row in rows)


async def put_system(connection: Connection, system: RegisteredSystem) -> None:
    """Register a system, or change its label and resource URI. Raises UniqueViolationError for another's URI."""
    await connection.execute(statements("systems")["put"], system.code, system.label, system.resource_uri)
