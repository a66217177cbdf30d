"""Which revision the database has and which one the code wants, without importing the migration tool."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from store.connection import Connection
from store.database import SCHEMA

VERSION_TABLE = "alembic_version"
VERSIONS_DIRECTORY = Path(__file__).parent / "versions"


@dataclass(frozen=True, slots=True)
class VersionState:
    """`database`: its revision, None before the first migration. `code`: the newest revision of this code."""

    database: str | None
    code: str
    known: tuple[str, ...]

    @property
    def current(self) -> bool:
        return self.database == self.code

    @property
    def newer(self) -> bool:
        """Whether the database has a revision that this code doesn't know."""
        return self.database is not None and self.database not in self.known

    @property
    def problem(self) -> str | None:
        """Why this code can't serve this database, as a sentence; None: it can."""
        if self.current:
            return None
        if self.newer:
            return (
                f"The database is at revision {self.database} and this version of Hallpass knows only up to "
                f"{self.code}: install the newer version of Hallpass that migrated it."
            )
        return f"The database is at revision {self.database or 'none'} and not at {self.code}: run `hallpass migrate`."


@cache
def known_revisions(directory: Path = VERSIONS_DIRECTORY) -> tuple[str, ...]:
    """The revisions of a directory, oldest first: the number that begins each file's name is its revision."""
    return tuple(sorted(path.name.partition("_")[0] for path in directory.glob("[0-9]*_*.py")))


async def version_state(connection: Connection, directory: Path = VERSIONS_DIRECTORY) -> VersionState:
    """The database's revision beside the newest of the directory; two short statements."""
    known = known_revisions(directory)
    present = await connection.fetchval(
        "select exists(select 1 from pg_tables where schemaname = $1 and tablename = $2)", SCHEMA, VERSION_TABLE
    )
    found = await connection.fetchval(f"select version_num from {SCHEMA}.{VERSION_TABLE}") if present else None  # noqa: S608
    return VersionState(found, known[-1], known)
