"""Static files under an address that holds their content's hash, kept in memory and cached for ever by browsers."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from gateway.refusals import Kind, RefusedError

_FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
_TEXT = frozenset({".css", ".js", ".svg", ".json", ".txt"})
_LEAST_GZIP_BYTES = 1024


@dataclass(frozen=True, slots=True)
class StaticFile:
    digest: str
    media_type: str
    body: bytes
    gzipped: bytes | None


def static_url(name: str) -> str:
    """The path of a file in `gateway/static`: `/static/3f2a…/hallpass.css`. A wrong name raises FileNotFoundError."""
    file = _load(name)
    if file is None:
        raise FileNotFoundError(f"gateway/static has no file {name!r}.")
    return f"/static/{file.digest}/{name}"


async def static_file(request: Request) -> Response:
    """GET `/static/{digest}/{name}`. Another version's digest gets the file too, uncached: pages outlive updates."""
    file = _load(request.path_params["name"])
    if file is None:
        raise RefusedError(Kind.NOT_FOUND, "There is no such file.")
    zipped = file.gzipped if "gzip" in request.headers.get("accept-encoding", "") else None
    headers = {"Cache-Control": _FOR_EVER if request.path_params["digest"] == file.digest else "no-cache"}
    if file.gzipped:
        headers["Vary"] = "Accept-Encoding"
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(zipped or file.body, media_type=file.media_type, headers=headers)


@cache
def _listing() -> dict[str, Path]:
    """Every file by its name relative to the folder; the only names that are ever opened."""
    return {path.relative_to(_FOLDER).as_posix(): path for path in _FOLDER.rglob("*") if path.is_file()}


@cache
def _read(name: str) -> StaticFile:
    path = _listing()[name]
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    gzipped = gzip.compress(body, 9, mtime=0) if path.suffix in _TEXT and len(body) >= _LEAST_GZIP_BYTES else None
    return StaticFile(hashlib.sha256(body).hexdigest()[:16], media_type, body, gzipped)


def _load(name: str) -> StaticFile | None:
    return _read(name) if name in _listing() else None
