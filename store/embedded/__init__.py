"""The embedded PostgreSQL: its programs, its account, its data directory, and who starts and stops it."""

from store.embedded.errors import EmbeddedError
from store.embedded.server import EmbeddedServer, start
from store.embedded.watchdog import watch

__all__ = ["EmbeddedError", "EmbeddedServer", "start", "watch"]
