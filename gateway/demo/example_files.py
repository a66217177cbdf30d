"""What the example system is given of the demo state: the directory, and student groups that it holds for people."""

import csv
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.demo.mix import mix
from gateway.demo.people import account_of
from gateway.demo.places import Lea, places

_GROUP: Final = "Grade 5 Mathematics – {last}"


@dataclass(frozen=True, slots=True)
class ExampleFiles:
    directory: Path
    rosters: Path


def write_example_files(data_dir: Path, users: int) -> ExampleFiles:
    """The two CSV files for the demo state of that size."""
    tree = places(users, mix())
    files = ExampleFiles(data_dir / "demo-directory.csv", data_dir / "demo-rosters.csv")
    _write(files.directory, ("level", "code", "name", "lea"), _organizations(tree))
    _write(files.rosters, ("sub", "school", "group"), _groups(tree[0]))
    return files


def _organizations(tree: tuple[Lea, ...]) -> Iterable[tuple[str, ...]]:
    for lea in tree:
        yield "lea", lea.code, lea.name, lea.code
        for school in lea.schools:
            yield "school", school.code, school.name, lea.code


def _groups(first: Lea) -> Iterable[tuple[str, ...]]:
    """One group for each named person who has student groups; nobody's name but what a teacher gives her group."""
    for person in mix().people:
        if person.groups and person.school is not None:
            sub = str(account_of(person, None).id)
            yield sub, first.schools[person.school].code, _GROUP.format(last=person.last)


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    Path(name).replace(path)
