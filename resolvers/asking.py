"""One operation and what it is asked with: who asks, the packs and years in force, the clock, and the database."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from policy.access import AnyOf, RowFilter, row_filter
from policy.caller import Caller, PersonCaller, SystemCaller
from policy.facts import Years
from policy.ids import System
from policy.packs import Packs
from resolvers.refusals import bad_input
from resolvers.second_step.vault import TotpVault
from store.database import Connection, Pool
from store.own_systems import OwnSystems, own_systems
from store.personal_data import PersonalKeys

if TYPE_CHECKING:
    from resolvers.access_changes import Changes
    from resolvers.previews import Preview, PreviewAsked

Answer = TypeVar("Answer")

MOST_CALLS = 300
"""Store calls of one operation."""
MOST_ROWS = 50_000
"""Rows of one answer, those of lists that are answered from memory counted as well."""


class Reads:
    """The operation's one connection: taken with the first statement, used by one statement at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._stack = AsyncExitStack()
        self._connection: Connection | None = None
        self._snapshot_wanted = False
        self._turn = asyncio.Lock()
        self._calls = 0

    def begin_snapshot(self) -> None:
        """From the next statement on, all see the same state: several root fields agree with each other."""
        self._snapshot_wanted = True

    async def run(self, statement: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        """Refuses an operation that needs more than anybody's page does: nested lists are read list by list."""
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise bad_input(f"The operation needs more than {MOST_CALLS} reads. Ask in parts, or for fewer rows.")
        async with self._turn:
            connection = await self._open()
            if self._snapshot_wanted:
                self._snapshot_wanted = False
                snapshot = connection.transaction(isolation="repeatable_read", readonly=True)
                await self._stack.enter_async_context(snapshot)
            return await statement(connection)

    async def let_go(self) -> None:
        """Give the connection back until the next statement: before what takes its time elsewhere."""
        async with self._turn:
            await self.close()
            self._connection = None

    async def close(self) -> None:
        await self._stack.aclose()

    async def _open(self) -> Connection:
        if self._connection is None:
            self._connection = await self._stack.enter_async_context(self._pool.acquire())
        return self._connection


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of the operation. `today` is the date in `zone`, the state's time zone."""

    now: datetime
    today: date
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class AccountTerms:
    """What a deployment decides about accounts."""

    address_hash: Callable[[str], bytes]
    """The keyed hash of an address's key (`store.keys_of.email_key`), by which a released address is known."""
    kept_after_deletion: timedelta
    """How long the data of deleted people is kept: the state's retention."""
    issuer: str
    """The address under which people come here, of which passkeys are made."""
    totp: TotpVault
    """How the secrets of authenticator apps are kept."""
    second_step_required: bool = True
    """Whether roles are held to the second step that their pack asks for."""


class UnusableProviderError(Exception):
    """Why somebody's identity provider can't be used, as one sentence to whoever registers it."""


@dataclass(frozen=True, slots=True)
class ProviderTerms:
    """What the edge does for registrations of identity providers: calls to them, and keeping their secrets."""

    discover: Callable[[str], Awaitable[Mapping[str, Any]]]
    """An issuer's metadata, as they are kept. Raises UnusableProviderError."""
    seal: Callable[[UUID, str], bytes]
    """A provider's client secret, as it is kept."""
    redirect_uri: Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class RegistrationTerms:
    """What the edge does for registrations of relying parties: it is the provider that they are registered with."""

    issuer: str
    key_faults: Callable[[Mapping[str, Any]], list[str]]
    """What is wrong with a key set, as sentences."""
    thumbprint: Callable[[Mapping[str, Any]], str]
    """Of a key without fault (RFC 7638)."""
    rotate_keys: Callable[[Connection, datetime], Awaitable[Mapping[str, str]]]
    """New signing keys in the caller's transaction: their ids by algorithm."""
    preview: "Callable[[PreviewAsked], Awaitable[Preview]]"
    """What a relying party would be told; takes a connection of its own."""


@dataclass(slots=True)
class Asking:
    """The context of one operation; made by the edge, handed to every resolver."""

    caller: Caller
    packs: Packs
    years: Years
    clock: Clock
    reads: Reads
    new_id: Callable[[], UUID]
    student_key: Callable[[str], bytes]
    """The keyed hash by which a student's number is known here; the number itself goes nowhere."""
    personal_keys: PersonalKeys
    """What names and addresses in the audit trail are encrypted with."""
    accounts: AccountTerms
    new_token: Callable[[], str] = token_urlsafe
    """256 random bits in base64url."""
    request_id: str = ""
    providers: ProviderTerms | None = None
    """None where no identity provider is registered: a command."""
    registrations: RegistrationTerms | None = None
    """None where no relying party is: a command."""
    changes: "Changes | None" = None
    """What subscriptions follow; None where none can run."""
    rows_rule: dict[Hashable, AnyOf] = field(default_factory=dict[Hashable, AnyOf])
    """By a field's path: the rule of the rows that it lists, or of its change; left there by its guard."""
    batches: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])
    _filters: dict[AnyOf, RowFilter] = field(default_factory=dict[AnyOf, RowFilter], init=False)
    _rows: int = field(default=0, init=False)
    _own: OwnSystems | None = field(default=None, init=False)

    def rows(self, rule: AnyOf) -> RowFilter:
        """The rows for which the rule holds; computed once per rule, not once per list."""
        if rule not in self._filters:
            self._filters[rule] = row_filter(self.caller, rule)
        return self._filters[rule]

    def show(self, rows: int) -> None:
        """Refuses an answer that grows without end: lists within lists multiply."""
        self._rows += rows
        if self._rows > MOST_ROWS:
            raise bad_input(f"The answer would have more than {MOST_ROWS:,} rows. Ask in parts, or for fewer rows.")

    def forget(self) -> None:
        """After a change: what was loaded before it is loaded anew."""
        self.batches.clear()

    @property
    def own(self) -> OwnSystems | None:
        """The rules of the systems to which answers are cut, as the store applies them."""
        if self._own is None and self.systems is not None:
            self._own = own_systems(self.systems, self.packs, self.years, self.clock.today)
        return self._own

    @property
    def systems(self) -> frozenset[System] | None:
        """The systems to which answers are cut; None for a person in her own session."""
        match self.caller:
            case SystemCaller(systems=systems) | PersonCaller(systems=systems):
                return systems
            case _:
                return None
