"""The error of a migration that did not happen."""

from store.database import DatabaseError


class MigrationError(DatabaseError):
    """The database stays as it was; the message says why and what to do."""
