"""What the reporting system is told by its environment; it doesn't start half-told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Settings:
    issuer: str
    """Of the gateway, without a slash at its end."""
    address: str
    """This system's own, with a slash at its end: also the resource URI that its tokens are for."""
    client_id: str
    client_secret: str = field(repr=False)
    directory: Path
    """CSV of organizations: level, code, name, lea."""
    rosters: Path
    """CSV of the student groups that this system holds for people: sub, school, group."""

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 80

    @property
    def redirect_uri(self) -> str:
        return f"{self.address}signin/callback"

    @property
    def https(self) -> bool:
        return self.address.startswith("https://")


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises SystemExit with a sentence that names what is missing."""
    names = ("ISSUER", "ADDRESS", "CLIENT_ID", "CLIENT_SECRET", "DIRECTORY", "ROSTERS")
    missing = [f"REPORTING_{name}" for name in names if not environ.get(f"REPORTING_{name}")]
    if missing:
        raise SystemExit(f"Set {', '.join(missing)}: see examples/reporting/README.md.")
    issuer, address, client_id, secret, directory, rosters = (environ[f"REPORTING_{name}"] for name in names)
    return Settings(issuer.rstrip("/"), address.rstrip("/") + "/", client_id, secret, Path(directory), Path(rosters))
