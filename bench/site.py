"""A gateway on a state with those who ask it: what the cases about its APIs have in common."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import orjson

from bench.apps.serving import COOKIE_VARIABLE, KEYS_VARIABLE
from bench.asking import Asking, rate
from bench.callers import Caller, InSession, key_set, person_bearer, system_bearer
from bench.coordinator import Coordinator, signed_in_coordinator
from bench.hallpass import NAME, gateway
from bench.http_contender import UNIT
from bench.servers import Server, ServerCommand, running
from bench.state import State
from bench.trial import Kind, Target, Trial
from bench.workshop import Workshop

_GROWTH = round(1 / 1.3, 2)


@dataclass(frozen=True, slots=True)
class Site:
    workshop: Workshop
    state: State
    gateway: Server
    coordinator: Coordinator
    session: Caller
    """The coordinator in her session."""
    person: Caller
    """The coordinator through a relying party's token."""
    system: Caller
    """That relying party for itself."""
    credentials: Mapping[str, str]
    """The variables by which a bare server knows these tokens and the cookie."""
    stack: AsyncExitStack

    async def started(self, command: ServerCommand) -> Server:
        """Another server, which runs as long as the site does."""
        return await self.stack.enter_async_context(running(command, self.workshop.folder))

    def asking(self, server: Server, caller: Caller, path: str, body: bytes) -> Asking:
        return Asking(server, caller, path, body, self.workshop.options.connections)


@asynccontextmanager
async def sites(workshop: Workshop) -> AsyncGenerator[Sequence[Site]]:
    """One for each size that the run is about, smallest first."""
    async with AsyncExitStack() as stack:
        yield [await _site(workshop, await workshop.state(size), stack) for size in sorted(workshop.options.sizes)]


def growth(
    title: str, asked: Sequence[tuple[Site, Asking]], least: float = _GROWTH, source: str = "issue 3: 1.3 times"
) -> list[Trial]:
    """The gateway on the largest state beside the one on the smallest; nothing where there is one size."""
    if len(asked) < 2:
        return []
    (small, asking_small), (large, asking_large) = asked[0], asked[-1]
    name = f"{NAME} at {small.state.users:,} users"
    contenders = [
        rate(f"{NAME} at {large.state.users:,} users", Kind.OURS, asking_large),
        rate(name, Kind.LIMIT, asking_small),
    ]
    targets = [Target(name, least, source)]
    return [Trial(f"{title} as the state grows", UNIT, contenders, targets=targets)]


async def _site(workshop: Workshop, state: State, stack: AsyncExitStack) -> Site:
    coordinator = await signed_in_coordinator(state.url)
    server = await stack.enter_async_context(running(gateway(state.directory), workshop.folder))
    keys = orjson.dumps(await key_set(server)).decode()
    return Site(
        workshop,
        state,
        server,
        coordinator,
        InSession(coordinator.cookie),
        person_bearer(server, coordinator.cookie),
        system_bearer(server),
        {KEYS_VARIABLE: keys, COOKIE_VARIABLE: coordinator.cookie},
        stack,
    )
