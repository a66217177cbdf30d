"""Where the gateway is, who asks, and how long one waits."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """`address`: the gateway's, as `https://hallpass.example.gov`. Raises ValueError for what can't work safely."""

    address: str
    client_id: str
    client_secret: str = field(repr=False)
    seconds: float = 5.0
    """For one question, with everything that is tried again."""
    attempts: int = 3
    keep_seconds: float = 0.0
    """How long a decision may be used again; within it, a role that was taken still works. 0: never."""
    keep_most: int = 10_000
    most_bytes: int = 1_000_000
    """Of one answer."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("The gateway's address must begin with https://: the secret is sent to it.")
        if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("The gateway's address is a scheme and a host, such as https://hallpass.example.gov.")
        if not self.client_id or not self.client_secret:
            raise ValueError("Client id and secret are missing: `hallpass clients add` gives them.")
        if self.seconds <= 0 or self.attempts < 1 or not 0 <= self.keep_seconds <= 300 or self.keep_most < 1:
            raise ValueError("seconds, attempts and keep_most must be above 0, and keep_seconds 0 to 300.")

    @property
    def base(self) -> str:
        return self.address.rstrip("/")
