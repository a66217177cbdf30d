"""Trusted documents: those of our own pages, and the ones that an operator's manifest names."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import orjson

from gateway.console.documents import own_documents
from gateway.settings import Settings, SettingsError, variable


def trusted_documents(settings: Settings) -> dict[str, str]:
    """By their SHA-256 in hexadecimal digits. Raises SettingsError for a manifest that isn't one."""
    own = {digest_of(text): text for text in own_documents()}
    path = settings.graphql_trusted_documents
    return own if path is None else own | _manifest(path)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _manifest(path: Path) -> dict[str, str]:
    try:
        found: object = orjson.loads(path.read_bytes())
    except OSError as error:
        raise _refused(f"{path} can't be read ({error.strerror})") from error
    except orjson.JSONDecodeError as error:
        raise _refused(f"{path} isn't JSON at line {error.lineno}, column {error.colno}") from error
    if not isinstance(found, dict):
        raise _refused(f"{path} must be one JSON object from hashes to documents")
    for digest, text in cast("Mapping[str, object]", found).items():
        if not isinstance(text, str):
            raise _refused(f"{path}: what stands under {digest!r} isn't the text of a document")
        if digest != digest_of(text):
            raise _refused(f"{path}: {digest!r} isn't the SHA-256 of its document, which is {digest_of(text)}")
    return cast("dict[str, str]", found)


def _refused(fault: str) -> SettingsError:
    return SettingsError((f"{variable('graphql_trusted_documents')}: {fault}. Correct the manifest.",))
