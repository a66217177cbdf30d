"""The manifest of a OneRoster set: which version it is of, and which files it says to have."""

from collections.abc import Mapping

from policy.files.one_roster_tables import Files, Line, table
from policy.files.reader import FileLimits
from policy.files.rows import FileRefusedError

MANIFEST = "manifest.csv"
_LIMITS = FileLimits(size=64 * 1024, rows=200)
_VERSIONS = ("1.1", "1.2")
_REMEDY = "Export the set again as OneRoster 1.1 or 1.2 in bulk mode, and send the archive as it is."
_ABSENT, _BULK = "absent", "bulk"
_ROLES = "roles.csv"


def checked_set(files: Files, needed: tuple[str, ...]) -> Files:
    """The files that the manifest says to be there, all of those that are needed among them.

    A 1.2 set has the roles of its users in roles.csv, one of 1.1 in users.csv. Raises FileRefusedError.
    """
    if MANIFEST not in files:
        raise FileRefusedError("missing-file", f"The set has no {MANIFEST}.", _REMEDY)
    said = _properties(files)
    version = said.get("oneroster.version", "")
    if version not in _VERSIONS:
        text = f"{MANIFEST}: the set is of OneRoster version “{version[:20]}”; {' and '.join(_VERSIONS)} are read."
        raise FileRefusedError("wrong-version", text, _REMEDY)
    for name in needed:
        if name != _ROLES or version == "1.2":
            _check(name, said.get(f"file.{name.removesuffix('.csv')}", ""), files)
    return {
        name: opened
        for name, opened in files.items()
        if said.get(f"file.{name.removesuffix('.csv')}", "") == _BULK and not (name == _ROLES and version == "1.1")
    }


def _properties(files: Files) -> Mapping[str, str]:
    """What the manifest says, by the property's name. Raises FileRefusedError for one that says two things."""
    found: dict[str, str] = {}
    for line in table(files, MANIFEST, ("propertyName", "value"), _LIMITS):
        if not isinstance(line, Line):
            raise FileRefusedError("bad-manifest", f"{MANIFEST}: {line.message}", _REMEDY, row=line.row)
        name, value = line["propertyName"], line["value"]
        if found.setdefault(name, value) != value:
            text = f"{MANIFEST}: {name[:40]} has two values."
            raise FileRefusedError("bad-manifest", text, _REMEDY, row=line.number)
    return {name: value.lower() for name, value in found.items()}


def _check(name: str, mode: str, files: Files) -> None:
    if mode not in (_BULK, _ABSENT):
        text = f"{MANIFEST}: {name} is “{mode[:20]}”. Only whole sets are read, in which it is “bulk”."
        raise FileRefusedError("not-bulk", text, _REMEDY)
    if mode == _ABSENT:
        raise FileRefusedError("missing-file", f"{MANIFEST}: the set has no {name}, which is needed.", _REMEDY)
    if name not in files:
        raise FileRefusedError("missing-file", f"{MANIFEST} names {name}, but the archive has none.", _REMEDY)
