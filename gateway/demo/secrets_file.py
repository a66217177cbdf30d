"""The demo clients' secrets in the data directory: a JSON file that its owner alone can read."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

FILE_NAME: Final = "demo-clients.json"


def read_secrets(data_dir: Path) -> dict[str, str]:
    """Secrets by client id; empty where there is no file, or none that can be read as one."""
    try:
        read = json.loads((data_dir / FILE_NAME).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    items = cast(dict[str, object], read).items() if isinstance(read, dict) else ()
    return {client: secret for client, secret in items if isinstance(secret, str)}


def write_secrets(data_dir: Path, secrets: Mapping[str, str]) -> None:
    """Replace the file as a whole, mode 0600."""
    data_dir.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{FILE_NAME}.", dir=data_dir)  # mode 0600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(dict(secrets), file, indent=2)
    Path(name).replace(data_dir / FILE_NAME)
