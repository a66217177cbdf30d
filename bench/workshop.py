"""What one run of the bench shares between its cases: options, a folder that goes away, states by size, and peers."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from bench.kept import kept_state
from bench.npm import PeerMissingError
from bench.options import Options
from bench.servers import ServerCommand
from bench.state import State, prepared_state


class Workshop:
    """Made by `open_workshop`; a state is prepared when a case first asks for its size."""

    def __init__(self, options: Options, folder: Path, stack: AsyncExitStack) -> None:
        self.options = options
        self.folder = folder
        self._stack = stack
        self._states: dict[int, State] = {}

    async def state(self, users: int) -> State:
        """A migrated data directory with the bench's clients and the demo state of so many users."""
        if users not in self._states:
            self._states[users] = await self._stack.enter_async_context(prepared_state(kept_state(users), users))
        return self._states[users]

    async def smallest_state(self) -> State:
        """For cases to which the number of users is nothing."""
        return await self.state(min(self.options.sizes))

    async def npm_peer(self, prepare: Callable[[], Awaitable[ServerCommand]]) -> ServerCommand:
        """The peer's command, installed first. Raises PeerMissingError, also where peers are not wanted."""
        if not self.options.peers:
            raise PeerMissingError("peers are not wanted in this run")
        return await prepare()


@asynccontextmanager
async def open_workshop(options: Options) -> AsyncGenerator[Workshop]:
    """A workshop whose servers and files are gone when the block ends; loaded states stay for the next run."""
    folder = _new_folder()
    try:
        async with AsyncExitStack() as stack:
            yield Workshop(options, folder, stack)
    finally:
        rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    folder = Path(mkdtemp(prefix="hallpass-bench-"))
    folder.chmod(0o711)  # the embedded server's account has to get through
    return folder
