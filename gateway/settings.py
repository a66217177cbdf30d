"""The gateway's settings: read once from `HALLPASS_*` variables or a TOML file, frozen, refused if one is wrong."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from gateway import settings_values as values
from gateway.graphql_settings import PARSERS as GRAPHQL_PARSERS
from gateway.graphql_settings import GraphQLSettings
from gateway.mail_settings import PARSERS as MAIL_PARSERS
from gateway.mail_settings import MailSettings, mail_problems
from gateway.settings_file import FILE_VARIABLE, PREFIX, read_settings_file
from gateway.smarter_settings import PARSERS as SMARTER_PARSERS
from gateway.smarter_settings import SmarterSettings

DEFAULT_PORT = 8000
CONNECTIONS_BESIDE_POOL = 3
"""What each process holds besides its pool: one that listens, one for jobs, one that watches the embedded server."""
EMBEDDED_CONNECTIONS = 90
"""PostgreSQL's default of 100 less what commands and its superuser need."""
TEST_PREFIX = "HALLPASS_TEST_"
"""Variables of the test suite, which are no settings."""


@dataclass(frozen=True, slots=True)
class Settings(GraphQLSettings, MailSettings, SmarterSettings):
    """Everything that a deployment chooses. Secrets never show in its `repr`."""

    data_dir: Path
    issuer: str
    """Scheme, host and port without a trailing slash: the beginning of every absolute address."""
    database_url: str | None = field(default=None, repr=False)
    """The serving role's database; None: the embedded server in `data_dir`."""
    owner_database_url: str | None = field(default=None, repr=False)
    """The owner role's address of the same database, for `hallpass migrate`."""
    host: str = "localhost"
    """A name stands for all its addresses: localhost for 127.0.0.1 and ::1."""
    port: int = DEFAULT_PORT
    workers: int = 1
    demo: bool = False
    secret_key: bytes | None = field(default=None, repr=False)
    """32 bytes; None only in embedded mode, where `gateway.secret_key` keeps them in a file."""
    previous_secret_key: bytes | None = field(default=None, repr=False)
    """The one before `secret_key`, while what lies under it is put under the new one."""
    signing_key_days: int = 90
    """After so many days new signing keys are published; 0: only by command."""
    log_level: str = "info"
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Los_Angeles"))
    """The state's: school years open and close, and last days end, by its calendar."""
    pool_size: int = 10
    """Database connections of one process."""
    hash_threads: int = 0
    """Threads of one process that compute password hashes; 0: as many as leave it a core for all else."""
    max_body_bytes: int = 1_048_576
    decision_log_denials: float = 1.0
    """Which part of all denials the decision log keeps. All: each one is a person who couldn't work, or an attack."""
    decision_log_allows: float = 0.01
    """Which part of all allowed questions. A hundredth: enough for figures, and little to write."""
    decision_log_days: int = 90
    password_profile: str = "nist"  # noqa: S105 - a profile's name
    """What is asked of passwords: a name of `gateway.signin.password_profiles.PROFILES`."""
    second_step: str = "required"
    """`required`: roles whose pack says so count only after a second step; `optional`: whoever set one up is asked."""
    new_device_code: bool = True
    """Whether people without a second step type a code from their mail in a browser that isn't known."""
    trusted_proxies: tuple[values.Network, ...] = ()
    """Whose `X-Forwarded-For` is believed about where a caller is, which only the brake on guessing asks."""
    deleted_people_days: int = 365
    """How long the data of deleted people is kept before it is erased: the state's retention."""

    @property
    def embedded(self) -> bool:
        return self.database_url is None

    @property
    def second_step_required(self) -> bool:
        """Whether roles are held to the second step that their pack asks for."""
        return self.second_step == "required"

    @property
    def https(self) -> bool:
        """Whether cookies are Secure with the `__Host-` prefix and HSTS is sent."""
        return self.issuer.startswith("https://")


class SettingsError(Exception):
    """Why the gateway doesn't start; `problems` are sentences, each naming a variable and what to write."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


_PARSERS: Mapping[str, values.Parser] = {
    "database_url": values.database_url,
    "owner_database_url": values.database_url,
    "data_dir": values.directory,
    "issuer": values.issuer,
    "host": values.host,
    "port": values.whole_number(1, 65_535),
    "workers": values.whole_number(1, 64),
    "demo": values.switch,
    "secret_key": values.secret_key,
    "previous_secret_key": values.secret_key,
    "signing_key_days": values.whole_number(0, 3_650),
    "log_level": values.one_of("debug", "info", "warning", "error"),
    "time_zone": values.time_zone,
    "pool_size": values.whole_number(1, 200),
    "hash_threads": values.whole_number(0, 64),
    "decision_log_denials": values.share,
    "decision_log_allows": values.share,
    "decision_log_days": values.whole_number(1, 3_650),
    "password_profile": values.one_of("nist", "toms-compatible"),
    "second_step": values.one_of("required", "optional"),
    "new_device_code": values.switch,
    "trusted_proxies": values.networks,
    "deleted_people_days": values.whole_number(0, 3_650),
    "max_body_bytes": values.whole_number(16_384, 104_857_600),
    **GRAPHQL_PARSERS,
    **MAIL_PARSERS,
    **SMARTER_PARSERS,
}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment over the file that HALLPASS_SETTINGS_FILE names over the defaults.

    Raises SettingsError with every problem at once.
    """
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    written = read_settings_file(environ.get(FILE_VARIABLE), problems) | {
        name: text
        for name, text in environ.items()
        if name.startswith(PREFIX) and name != FILE_VARIABLE and not name.startswith(TEST_PREFIX)
    }
    parsed = _parse(written, problems)
    _check_together({name for name, text in written.items() if text.strip()}, parsed, problems)
    if problems:
        raise SettingsError(tuple(problems))
    parsed.setdefault("data_dir", default_data_dir(environ))
    parsed.setdefault("issuer", f"http://localhost:{parsed.get('port', DEFAULT_PORT)}")
    _for_demo(parsed)
    return Settings(**parsed)  # pyright: ignore[reportArgumentType]  (each parser gives its field's type; a test compares)


def _for_demo(parsed: dict[str, object]) -> None:
    """Signing in to the demo takes its printed password alone, on this machine."""
    if parsed.get("demo") and _on_this_machine(parsed):
        parsed.setdefault("second_step", "optional")
        parsed.setdefault("new_device_code", False)


def _on_this_machine(parsed: Mapping[str, object]) -> bool:
    """Whether the issuer, where one was written, is an address that only this machine has."""
    return values.is_loopback(urlsplit(str(parsed.get("issuer", "http://localhost"))).hostname or "")


def variable(name: str) -> str:
    """The environment variable of a field: `HALLPASS_PORT` of `port`."""
    return PREFIX + name.upper()


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """/var/lib/hallpass for root, else the XDG data directory."""
    if os.geteuid() == 0:
        return Path("/var/lib/hallpass")
    base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "hallpass"


def _parse(written: Mapping[str, str], problems: list[str]) -> dict[str, object]:
    """Field values of what was written; an empty text counts as not written."""
    known = {variable(item.name): item.name for item in fields(Settings)}
    parsed: dict[str, object] = {}
    for name, text in sorted(written.items()):
        if name not in known:
            problems.append(_unknown(name, known))
        elif text.strip():
            try:
                parsed[known[name]] = _PARSERS[known[name]](text.strip())
            except ValueError as error:
                problems.append(f"{name} {error}")
    return parsed


def _unknown(name: str, known: Mapping[str, str]) -> str:
    nearest = get_close_matches(name, [*known, FILE_VARIABLE], n=1, cutoff=0.0)[0]
    return f"{name} is not a setting of Hallpass; the nearest one is {nearest}. Correct the name or remove it."


def _check_together(written: set[str], parsed: Mapping[str, object], problems: list[str]) -> None:
    """What only shows when two settings are read side by side; a malformed one has had its sentence already."""
    external = variable("database_url") in written
    if external and variable("secret_key") not in written:
        problems.append(
            f"{variable('secret_key')} is required with {variable('database_url')}: write 32 random bytes in base64url "
            "as `openssl rand -base64 32 | tr '+/' '-_'` prints them, the same for every process."
        )
    if variable("owner_database_url") in written and not external:
        problems.append(
            f"{variable('owner_database_url')} is set without {variable('database_url')}: set both for a database of "
            "your own, or neither for the embedded one."
        )
    if parsed.get("second_step") == "optional" and not _on_this_machine(parsed):
        problems.append(
            f"{variable('second_step')} is optional, which is for an issuer on this machine only: write required, and "
            "people whose role asks for a second step set one up when they sign in."
        )
    _check_costs(parsed, problems)
    problems.extend(mail_problems(parsed))
    workers, pool_size = parsed.get("workers", 1), parsed.get("pool_size", 10)
    if not external and isinstance(workers, int) and isinstance(pool_size, int):
        wanted = workers * (pool_size + CONNECTIONS_BESIDE_POOL)
        if wanted > EMBEDDED_CONNECTIONS:
            problems.append(
                f"{variable('workers')} × {variable('pool_size')} makes {wanted} connections and the embedded database "
                f"has {EMBEDDED_CONNECTIONS}: write smaller numbers, or use a database of your own."
            )


def _check_costs(parsed: Mapping[str, object], problems: list[str]) -> None:
    """An operation that no budget could ever pay for would be refused with a promise that waiting helps."""
    defaults = GraphQLSettings()
    most = parsed.get("graphql_max_cost", defaults.graphql_max_cost)
    capacity = parsed.get("graphql_cost_capacity", defaults.graphql_cost_capacity)
    if isinstance(most, int) and isinstance(capacity, int) and most > capacity:
        problems.append(
            f"{variable('graphql_max_cost')} is {most} and {variable('graphql_cost_capacity')} {capacity}: "
            "the costliest operation must fit, so write a smaller maximum or a larger capacity."
        )
