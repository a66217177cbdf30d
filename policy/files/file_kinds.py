"""What a file is that isn't comma-separated text: known by its first bytes, refused with what to do instead."""

from policy.files.rows import FileRefusedError

LOOKED_AT = 2048
"""So many bytes from the beginning are enough."""

_AS_CSV = "Open it and save it as “CSV UTF-8 (comma delimited)”, then upload that file."
_UNPACK = "Unpack it and upload the .csv file in it."


def refuse_other_kinds(start: bytes) -> None:
    """Raises FileRefusedError for workbooks, archives, pages and the like. `start`: the file's first bytes."""
    kind = _kind(start)
    if kind is not None:
        what, remedy = kind
        raise FileRefusedError("not-csv", f"This is {what}, not a .csv file.", remedy)


def _kind(start: bytes) -> tuple[str, str] | None:
    for mark, what, remedy in _MARKS:
        if start.startswith(mark):
            return what, remedy
    if start.startswith(b"PK"):
        return _packed(start)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, what in _TEXTS:
        if text.startswith(mark):
            return what, _AS_CSV
    return None


def _packed(start: bytes) -> tuple[str, str]:
    """Workbooks are ZIP archives with fixed names of members near the beginning."""
    if b"[Content_Types].xml" in start or b"xl/" in start or b"_rels/" in start:
        return "an Excel workbook (.xlsx)", _AS_CSV
    if b"opendocument.spreadsheet" in start:
        return "an OpenDocument spreadsheet (.ods)", _AS_CSV
    return "a ZIP archive", _UNPACK


_MARKS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls) or another Office document", _AS_CSV),
    (b"%PDF-", "a PDF document", "Upload the list itself as a .csv file."),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x89PNG", "a picture", "Upload the list itself as a .csv file."),
    (b"\xff\xd8\xff", "a picture", "Upload the list itself as a .csv file."),
    (b"{\\rtf", "a rich text document", _AS_CSV),
    (b"\xff\xfe\x00\x00", "UTF-32 text", _AS_CSV),
    (b"\x00\x00\xfe\xff", "UTF-32 text", _AS_CSV),
)
_TEXTS = (
    (b"<!doctype html", "a web page, perhaps a sign-in page that was saved instead of the file"),
    (b"<html", "a web page, perhaps a sign-in page that was saved instead of the file"),
    (b"<?xml", "an XML document"),
    (b"{", "a JSON document"),
    (b'[{"', "a JSON document"),
)
