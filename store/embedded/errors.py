"""The one error of the embedded server."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't run here; the message says what was wrong, where, and what to do."""
