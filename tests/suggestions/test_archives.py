"""Hostile and broken archives and sets: each is refused with a sentence, unpacked nowhere, and changes nothing."""

import io
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.uploads import archive
from gateway.uploads.archive import MEBIBYTE, csv_files
from policy.files.rows import FileRefusedError
from store.database import Connection
from tests.graphql.conftest import AsCaller
from tests.suggestions.sets import CLASSES_PATH, PATH, manifest, post, role, tables, user, zipped

pytestmark = pytest.mark.rule("files")
GOOD = tables(role("ada"))


def with_flags(data: bytes, flags: int) -> bytes:
    """Every entry with these general purpose flags, in both its headers."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset : at + offset + 2] = struct.pack("<H", flags)
            at = changed.find(mark, at + 4)
    return bytes(changed)


def bomb(size: int) -> bytes:
    return zipped(GOOD | {"users.csv": b"a" * size})


def lying(data: bytes) -> bytes:
    """The table of contents says that every file has ten bytes."""
    changed = bytearray(data)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 24 : at + 28] = struct.pack("<L", 10)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def twice(name: str) -> bytes:
    out = io.BytesIO(zipped(GOOD))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as opened:
        opened.writestr(name, "x")
    return out.getvalue()


def sixty_four(data: bytes) -> bytes:
    """With the record that large archives have before their end."""
    end = data.rfind(b"PK\x05\x06")
    return data[:end] + b"PK\x06\x07" + b"\0" * 16 + data[end:]


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip slip": (lambda: zipped(GOOD | {"../../etc/users.csv": "x"}), "leads out of it"),
    "absolute": (lambda: zipped(GOOD | {"/etc/passwd": "x"}), "leads out of it"),
    "windows path": (lambda: zipped(GOOD | {"..\\users.csv": "x"}), "leads out of it"),
    "drive": (lambda: zipped(GOOD | {"C:users.csv": "x"}), "leads out of it"),
    "bomb": (lambda: bomb(300 * MEBIBYTE), "far more than a set could hold"),
    "bomb beside": (lambda: zipped(GOOD | {"x.bin": b"\0" * (30 * MEBIBYTE)}), "far more than a set could hold"),
    "too many": (lambda: zipped(GOOD | {f"{n}.txt": "" for n in range(300)}), "more than 200 files"),
    "encrypted": (lambda: with_flags(zipped(GOOD), 0x1), "is encrypted"),
    "lzma": (lambda: zipped(GOOD, zipfile.ZIP_LZMA), "isn't read"),
    "lying sizes": (lambda: lying(zipped(GOOD)), "damaged"),
    "cut": (lambda: zipped(GOOD)[:-30], "only a part"),
    "middle missing": (lambda: zipped(GOOD)[:60] + zipped(GOOD)[90:], "damaged"),
    "empty": (lambda: b"", "no ZIP archive"),
    "a table": (GOOD["users.csv"].encode, "no ZIP archive"),
    "two of a name": (lambda: twice("users.csv"), "two files users.csv"),
    "two of a name in folders": (lambda: zipped(GOOD | {"set/users.csv": "x"}), "two files users.csv"),
    "64 bits": (lambda: sixty_four(zipped(GOOD)), "64-bit"),
    "archive in it": (lambda: zipped(GOOD | {"users.csv": zipped({"a": "b"})}), "users.csv: This is a ZIP archive"),
    "mixed encodings": (
        lambda: zipped(GOOD | {"users.csv": GOOD["users.csv"].encode() + b"\xc3\xa9,\xe9\n"}), "users.csv: The byte",
    ),
    "zero bytes": (lambda: zipped(GOOD | {"users.csv": b"sourcedId,\0\0x\n"}), "users.csv: "),
}  # fmt: skip
BAD_SETS: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "no manifest": ({"manifest.csv": None}, "no manifest.csv"),
    "wrong version": ({"manifest.csv": GOOD["manifest.csv"].replace("1.2", "1.0")}, "version “1.0”; 1.1 and 1.2"),
    "no version": ({"manifest.csv": "propertyName,value\nfile.orgs,bulk\n"}, "version “”"),
    "delta": ({"manifest.csv": GOOD["manifest.csv"].replace("users,bulk", "users,delta")}, "users.csv is “delta”"),
    "says absent": ({"manifest.csv": manifest(orgs="bulk", users="absent", roles="bulk")}, "the set has no users.csv"),
    "not there": ({"roles.csv": None}, "names roles.csv, but the archive has none"),
    "two values": ({"manifest.csv": GOOD["manifest.csv"] + "file.users,delta\n"}, "file.users has two values"),
    "other headings": ({"manifest.csv": "a,b\n1,2\n"}, "manifest.csv lacks the columns"),
    "not a table": ({"manifest.csv": "propertyName,value\nx\n"}, "manifest.csv: "),
    "no users": ({"users.csv": ""}, "users.csv: The file is empty"),
    "lacks columns": ({"roles.csv": "sourcedId,role\n"}, "roles.csv lacks the columns"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_archives_are_refused(name: str, as_person: AsCaller, connection: Connection) -> None:
    make, said = HOSTILE[name]
    answer = await post(await as_person("primary"), make())
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["errors"]
    assert said in problem["message"]
    assert problem["remedy"]
    assert await connection.fetchval("select count(*) from role_suggestions") == 0


@pytest.mark.parametrize("name", BAD_SETS)
async def test_bad_sets_are_refused(name: str, as_person: AsCaller, connection: Connection) -> None:
    changes, said = BAD_SETS[name]
    files = {one: text for one, text in (GOOD | changes).items() if text is not None}
    answer = await post(await as_person("primary"), zipped(files))
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["errors"][0]["message"]
    assert await connection.fetchval("select count(*) from role_suggestions") == 0


@pytest.mark.parametrize("path", [PATH, CLASSES_PATH])
async def test_nothing_stays_on_disk(
    path: str, as_person: AsCaller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for data in (zipped(GOOD), zipped(GOOD | {"../x.csv": "x"})):
        await post(await as_person("primary"), data, path)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the folder of a test


def test_a_set_in_one_folder_is_found_and_what_systems_add_is_passed_over() -> None:
    extra = {"__MACOSX/set/._users.csv": "x", "set/.hidden.csv": "x", "set/deep/users.csv": "x", "readme.txt": "x"}
    data = zipped({f"set/{name}": text for name, text in GOOD.items()} | extra)
    assert sorted(csv_files(io.BytesIO(data))) == ["manifest.csv", "orgs.csv", "roles.csv", "users.csv"]


def test_a_table_of_contents_that_would_fill_memory_isn_t_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(zipped(GOOD))
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<L", 50 * MEBIBYTE)
    monkeypatch.setattr(archive, "ZipFile", None)
    with pytest.raises(FileRefusedError, match="more than 200 files"):
        csv_files(io.BytesIO(bytes(data)))


def test_memory_stays_flat_while_a_large_file_is_read() -> None:
    line = user("somebody").encode() + b"\n"
    data = io.BytesIO(zipped({"users.csv": b"".join(line[:20] + str(n).encode() + line[20:] for n in range(200_000))}))
    files = csv_files(data)
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in files["users.csv"]())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 15 * MEBIBYTE
    assert peak < 2 * MEBIBYTE
