"""The secret key of a deployment and the keys derived from it: one per purpose, so that none serves two."""

import base64
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from gateway.settings import Settings, SettingsError, variable
from gateway.settings_values import SECRET_KEY_BYTES
from gateway.settings_values import secret_key as parse_secret_key

FILE_NAME = "secret.key"


def secret_key_of(settings: Settings) -> bytes:
    """The 32 bytes of the settings, else of the data directory's file, which is made when it isn't there (mode 0600).

    Raises SettingsError when the file is not a key.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.data_dir / FILE_NAME
    if not path.exists():
        _make(path)
    try:
        return parse_secret_key(path.read_text(encoding="ascii").strip())
    except (ValueError, OSError) as error:
        raise SettingsError(
            (f"{path} can't be read as a secret key: restore it from a copy, or set {variable('secret_key')}.",)
        ) from error


def subkey(secret_key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose (`csrf`, `signing-keys`), HMAC-SHA-256 of its name."""
    return hmac.digest(secret_key, b"hallpass/" + purpose.encode(), "sha256")


def _make(path: Path) -> None:
    """Write a new key under a name of its own, then link it: of two processes at once, one wins and both read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{FILE_NAME}.", dir=path.parent)  # mode 0600
    draft = Path(name)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(SECRET_KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
