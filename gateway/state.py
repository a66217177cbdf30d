"""The resources that every endpoint may use, in one frozen dataclass under `app.state.gateway`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from gateway.caller_memory import CallerMemory
from gateway.decisions.log import DecisionLog
from gateway.graphql.subscriptions.live import Live
from gateway.packs_in_force import PacksInForce
from gateway.secret_key import subkey
from gateway.settings import Settings
from gateway.signals.figures import SignalFigures
from store.database import Pool
from store.personal_data import PersonalKeys

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Gateway:
    """One process's resources: opened by `gateway.resources`, built by tests from their own pool and clock."""

    settings: Settings
    secret_key: bytes = field(repr=False)
    """The root key, 32 bytes; use `gateway.secret_key.subkey(secret_key, purpose)`, never the key itself."""
    pool: Pool
    packs: PacksInForce
    now: Callable[[], datetime]
    """The time in UTC, with its zone."""
    new_id: Callable[[], UUID]
    new_token: Callable[[], str]
    """256 random bits in base64url."""
    hashing: Executor
    """Threads for password hashes, so that they never hold the event loop."""
    callers: CallerMemory = field(default_factory=CallerMemory)
    reporting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Reports that are read at the same time: each holds a connection until its rows are written down."""
    live: Live = field(default_factory=Live)
    """Open sockets, and the feed that they follow."""
    decision_log: DecisionLog = field(default_factory=DecisionLog)
    signals: SignalFigures = field(default_factory=SignalFigures)
    """How the streams of security events go."""
    database_url: str = field(default="", repr=False)
    """Where the serving role connects, for a connection besides the pool's; tests mostly need none."""

    @property
    def personal_keys(self) -> PersonalKeys:
        """What names and addresses in the audit trail are encrypted with."""
        return PersonalKeys(subkey(self.secret_key, "personal-data"))


def gateway_of(request: HTTPConnection) -> Gateway:
    """The resources of the application that serves this request."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def kept_in(app: Starlette, name: str, make: Callable[[], Made]) -> Made:
    """What this application has one of, under that name; made when it is first asked for."""
    found: Made | None = getattr(app.state, name, None)
    if found is None:
        found = make()
        setattr(app.state, name, found)
    return found
