"""Classes of a OneRoster set as student groups: enrollments joined with classes, teachers and students."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from policy.files.addresses import email
from policy.files.faults import Fault, problem
from policy.files.known import FileKnowledge
from policy.files.names import group_name
from policy.files.one_roster import organizations
from policy.files.one_roster_tables import Files, Line, of_file, table
from policy.files.reader import FileLimits
from policy.files.rows import Action, FileRefusedError, GroupItem, GroupRow, OrganizationRef, RowProblem

_CLASSES = ("sourcedId", "title", "schoolSourcedId")
_ENROLLMENTS = ("classSourcedId", "userSourcedId", "role")
_USERS = ("sourcedId", "email", "identifier")
_NO_CLASS = "The class isn't in classes.csv with a name and code of its own, or its school has no code."
_SET = ("orgs.csv", "users.csv", "classes.csv", "enrollments.csv")


class _Class(NamedTuple):
    organization: OrganizationRef
    name: str


class _Users(NamedTuple):
    """What enrollments need of users, by sourcedId."""

    students: dict[str, bytes]
    logins: dict[str, str]


def read_classes(files: Files, known: FileKnowledge, limits: FileLimits | None = None) -> Iterator[GroupItem]:
    """One row for each teacher and each student of a class. A student's number is users.csv's `identifier`.

    Memory grows with classes and users: some 300 bytes for each student.
    Raises FileRefusedError, and ValueError without `known.student_key`.
    """
    limits = limits or FileLimits()
    for needed in _SET:
        if needed not in files:
            raise FileRefusedError("missing-file", f"The set has no {needed}.", "Upload the whole OneRoster set.")
    classes = _classes(files, limits)
    users = _users(files, known, limits)
    for line in table(files, "enrollments.csv", _ENROLLMENTS, limits):
        if isinstance(line, RowProblem):
            yield line
        elif line["role"].lower() in ("student", "teacher"):
            yield _row(line, classes, users, known)


def _classes(files: Files, limits: FileLimits) -> dict[str, _Class]:
    """By sourcedId. Sections of one course share a title, and their class codes tell them apart.

    Where they don't, none is taken: two classes in one group would show each teacher the other's students.
    """
    places = organizations(files, limits)
    found: dict[str, _Class] = {}
    ids: dict[tuple[OrganizationRef, str], list[str]] = {}
    for line in table(files, "classes.csv", _CLASSES, limits):
        place = places.get(line["schoolSourcedId"]) if isinstance(line, Line) else None
        if not isinstance(line, Line) or place is None or not place.ref.code:
            continue
        name = f"{line['title']} ({line['classCode']})" if line["classCode"] else line["title"]
        if group_name(name).good:
            found[line["sourcedId"]] = _Class(place.ref, name)
            ids.setdefault((place.ref, _comparable(name)), []).append(line["sourcedId"])
    return {one: found[one] for same in ids.values() if len(set(same)) == 1 for one in same}


def _comparable(name: str) -> str:
    """As names of groups are compared: without accents, capitals and doubled blanks."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    return " ".join(plain.casefold().split())


def _users(files: Files, known: FileKnowledge, limits: FileLimits) -> _Users:
    if known.student_key is None:
        raise ValueError("Classes need a function that hashes students' numbers.")
    users = _Users({}, {})
    for line in table(files, "users.csv", _USERS, limits):
        if isinstance(line, RowProblem):
            continue
        if line["identifier"]:
            users.students[line["sourcedId"]] = known.student_key(line["identifier"])
        if line["email"] and email(line["email"], known.last_label_limit, known.judge_email).good:
            users.logins[line["sourcedId"]] = line["email"]
    return users


def _row(line: Line, classes: dict[str, _Class], users: _Users, known: FileKnowledge) -> GroupItem:
    of = classes.get(line["classSourcedId"])
    if of is None:
        return _lacks(line, "classSourcedId", _NO_CLASS)
    student = line["role"].lower() == "student"
    digest = users.students.get(line["userSourcedId"]) if student else None
    login = "" if student else users.logins.get(line["userSourcedId"], "")
    if digest is None and not login:
        lacking = "identifier" if student else "good e-mail address"
        return _lacks(line, "userSourcedId", f"The {line['role'].lower()} isn't in users.csv with a {lacking}.")
    return GroupRow(line.number, Action.ADD, (of.organization,), of.name, known.school_year, "", digest, login)


def _lacks(line: Line, heading: str, message: str) -> RowProblem:
    fault = Fault("not-in-set", "files", message, "Complete it in the student information system.")
    return of_file("enrollments.csv", problem(fault, line.number, heading, ""))
