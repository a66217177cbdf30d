"""The root key: random, in the database, under the deployment's secret key, so that the secret key can be changed."""

import secrets
from typing import Final

from gateway.logging import logger
from gateway.oidc.keys.sealing import SealError, seal, unseal
from gateway.secret_key import secret_key_of, subkey
from gateway.settings import Settings, SettingsError, variable
from gateway.settings_values import SECRET_KEY_BYTES
from store.database import Connection
from store.root_key import keep_root_key, read_root_key, replace_root_key

_log = logger("hallpass.keys")
_NAME: Final = "root key"
_OTHER: Final = (
    f"The keys in the database were encrypted under another secret key: set {variable('secret_key')} to the one that "
    f"it was last used with, or restore secret.key in the data directory; after a change of the secret key, set "
    f"{variable('previous_secret_key')} to the one before."
)


async def open_root_key(connection: Connection, settings: Settings) -> bytes:
    """The 32 bytes from which every other key is derived by `subkey`; made where there is none.

    Where it lies under the previous secret key, it is put under the present one. Raises SettingsError when neither
    opens it.
    """
    secret_key = secret_key_of(settings)
    kept = await read_root_key(connection)
    if kept.sealed is None:
        # a database from before there was a root key has everything under the secret key itself
        first = secret_key if kept.in_use else secrets.token_bytes(SECRET_KEY_BYTES)
        await keep_root_key(connection, _sealed(secret_key, first))
        kept = await read_root_key(connection)
    sealed = kept.sealed or b""
    found = _opened(sealed, settings)
    if _opened_with(secret_key, sealed) is None and await replace_root_key(
        connection, sealed, _sealed(secret_key, found)
    ):
        _log.info("the root key lies under the new secret key now")
    return found


async def present_root_key(connection: Connection, settings: Settings) -> bytes:
    """The root key without making or changing anything; the secret key itself where there was none yet.

    Raises SettingsError.
    """
    kept = await read_root_key(connection)
    return secret_key_of(settings) if kept.sealed is None else _opened(kept.sealed, settings)


def _opened(sealed: bytes, settings: Settings) -> bytes:
    for key in (secret_key_of(settings), settings.previous_secret_key):
        found = _opened_with(key, sealed) if key is not None else None
        if found is not None:
            return found
    raise SettingsError((_OTHER,))


def _opened_with(secret_key: bytes, sealed: bytes) -> bytes | None:
    try:
        return unseal(subkey(secret_key, _NAME), sealed, _NAME)
    except SealError:
        return None


def _sealed(secret_key: bytes, root: bytes) -> bytes:
    return seal(subkey(secret_key, _NAME), root, _NAME)
