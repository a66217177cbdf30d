"""This system's own copy of the organization directory, and the student groups that it holds for people."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from examples.reporting.claims import Permit


@dataclass(frozen=True, slots=True)
class School:
    code: str
    name: str
    lea: str
    """The code of its LEA."""


@dataclass(frozen=True, slots=True)
class Group:
    school: str
    name: str


@dataclass(frozen=True, slots=True)
class Directory:
    schools: dict[str, School]
    leas: dict[str, str]
    """Names by code."""
    groups: dict[str, tuple[Group, ...]]
    """By the person's `sub`."""

    def schools_of(self, permit: Permit) -> tuple[School, ...]:
        """The schools whose results the permit opens as a whole; none where it opens student groups only."""
        if permit.reach == "roster":
            return ()
        found: dict[str, School] = {}
        for organization in permit.organizations:
            level, _, code = organization.partition(":")
            for school in self._below(level, code, permit.reach):
                found[school.code] = school
        return tuple(sorted(found.values(), key=lambda school: school.name))

    def groups_of(self, permit: Permit, sub: str) -> tuple[Group, ...]:
        """The person's own student groups at the permit's schools or, from an LEA, at the schools of it."""
        if permit.reach != "roster":
            return ()
        held = self.groups.get(sub, ())
        return tuple(group for group in held if self._is_at(group, permit.organizations))

    def name_of(self, organization: str) -> str:
        level, _, code = organization.partition(":")
        if level == "lea":
            return self.leas.get(code, f"LEA {code}")
        school = self.schools.get(code)
        return school.name if school else f"School {code}"

    def _below(self, level: str, code: str, reach: str) -> Iterable[School]:
        """From a school: itself. From an LEA: its schools, where the reach goes down; `site` stays at the LEA alone."""
        if level == "school" and reach == "site":
            return (self.schools[code],) if code in self.schools else ()
        if level == "lea" and reach in ("lea", "schools"):
            return [school for school in self.schools.values() if school.lea == code]
        return ()

    def _is_at(self, group: Group, organizations: Iterable[str]) -> bool:
        school = self.schools.get(group.school)
        return school is not None and not {f"school:{school.code}", f"lea:{school.lea}"}.isdisjoint(organizations)


def read_directory(organizations: Path, rosters: Path) -> Directory:
    """From the two files of the settings."""
    leas: dict[str, str] = {}
    schools: dict[str, School] = {}
    for row in _rows(organizations):
        if row["level"] == "lea":
            leas[row["code"]] = row["name"]
        elif row["level"] == "school":
            schools[row["code"]] = School(row["code"], row["name"], row["lea"])
    groups: dict[str, list[Group]] = {}
    for row in _rows(rosters):
        groups.setdefault(row["sub"], []).append(Group(row["school"], row["group"]))
    return Directory(schools, leas, {sub: tuple(held) for sub, held in groups.items()})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
