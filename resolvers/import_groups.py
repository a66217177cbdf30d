"""Files of student groups: judged as a whole, rehearsed or applied in one transaction; no file is kept (§7)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from policy.access import AnyOf, holds
from policy.delegation import Recipient
from policy.facts import Level
from policy.files.rows import FileRefusedError, GroupItem, OrganizationRef, RowProblem, Severity
from policy.ids import GroupId, SchoolYear, UserId
from policy.student_groups import may_assign_group, may_manage_groups
from resolvers.asking import Asking
from resolvers.subjects import subject_of
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.groups import (
    NewStudentGroup,
    assign_group,
    create_group,
    group_named,
    replace_members,
    set_group_subject,
)
from store.keys_of import email_key, text_key
from store.organizations import organization_by_code
from store.people import load_person
from store.recipients import lock_users
from store.records import OrganizationRecord
from store.users import user_by_email

ACTION: Final = "importStudentGroups"
MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 200_000
_MOST_ERRORS: Final = 1_000


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """What is wrong with a row. It never holds a cell: a student's number might stand in any."""

    row: int | None
    column: str
    code: str
    rule: str
    message: str
    remedy: str


@dataclass(slots=True)
class GatheredGroup:
    """A group as the file says it. `students` are keyed hashes; empty: the file names none, and they stay."""

    row: int
    place: OrganizationRef
    school_year: SchoolYear
    name: str
    subject: str
    students: set[bytes] = field(default_factory=set[bytes], repr=False)
    logins: dict[str, int] = field(default_factory=dict[str, int])
    """Addresses with the row where each stands first."""


@dataclass(frozen=True, slots=True)
class ImportedGroup:
    """`outcome`: created, changed or unchanged. `students` None: the file names none."""

    id: GroupId
    name: str
    organization: str
    school_year: SchoolYear
    outcome: str
    students: int | None
    added: int
    removed: int
    users: int


@dataclass(frozen=True, slots=True)
class ImportRow:
    """`left_out`: rows that weren't followed, where the file is one that may have such."""

    applied: bool
    groups: tuple[ImportedGroup, ...]
    problems: tuple[ImportProblem, ...]
    left_out: tuple[ImportProblem, ...] = ()


class _RehearsedError(Exception):
    """Ends the transaction of a rehearsal: nothing of it stays."""

    def __init__(self, groups: tuple[ImportedGroup, ...]) -> None:
        super().__init__("rehearsed")
        self.groups = groups


@dataclass(frozen=True, slots=True)
class Headings:
    """Where a file says these things, as its problems name them."""

    subject: str = "subject_code"
    place: str = "school_natural_id"
    login: str = "group_user_login"


class Gathering:
    """The rows of a file, put together as they are read: one entry for each group.

    `lenient`: of a set that nobody wrote for us, what isn't within reach is left out; else one error ends it all.
    """

    def __init__(self, headings: Headings | None = None, *, lenient: bool = False) -> None:
        self.problems: list[ImportProblem] = []
        self.left_out: list[ImportProblem] = []
        self.headings = headings or Headings()
        self._lenient = lenient
        self._left_out_read = 0
        self._groups: dict[tuple[OrganizationRef, str, str], GatheredGroup] = {}

    @property
    def groups(self) -> list[GatheredGroup]:
        return list(self._groups.values())

    def take(self, items: Iterable[GroupItem]) -> None:
        for item in items:
            if isinstance(item, RowProblem):
                if item.severity is Severity.ERROR:
                    self.wrong(item.row, item.code, item.message, item.remedy, item.column, item.rule)
                continue
            key = (item.organizations[-1], item.school_year, text_key(item.group_name))
            new = GatheredGroup(
                item.number, item.organizations[-1], SchoolYear(item.school_year), item.group_name, item.subject
            )
            group = self._groups.setdefault(key, new)
            if group.subject != item.subject:
                text = f"The group has another subject in row {group.row}."
                self.report(item.number, "two-subjects", text, "Give the group one subject.", self.headings.subject)
            if item.student is not None:
                group.students.add(item.student)
            if item.login:
                group.logins.setdefault(item.login, item.number)

    def begin(self) -> None:
        """What is judged by what is stored is judged anew: only what was found while reading stays."""
        self.problems.clear()
        del self.left_out[self._left_out_read :]

    def finish_reading(self) -> None:
        self._left_out_read = len(self.left_out)

    def refuse(self, error: FileRefusedError) -> None:
        """Nothing of the file can be used."""
        self.report(error.row, error.code, error.message, error.remedy, rule=error.rule)

    def wrong(
        self, row: int | None, code: str, message: str, remedy: str, column: str = "", rule: str = "S1-40"
    ) -> None:
        """A row that can't be followed."""
        if not self._lenient:
            self.report(row, code, message, remedy, column, rule)
        elif len(self.left_out) < _MOST_ERRORS:
            self.left_out.append(ImportProblem(row, column, code, rule, message, remedy))

    def report(
        self, row: int | None, code: str, message: str, remedy: str, column: str = "", rule: str = "S1-40"
    ) -> None:
        if len(self.problems) < _MOST_ERRORS:
            self.problems.append(ImportProblem(row, column, code, rule, message, remedy))


async def carry_out(asking: Asking, gathered: Gathering, rule: AnyOf, sight: Sight, *, apply: bool) -> ImportRow:
    """One error, and nothing is applied. Without `apply` it is done and undone: what would happen is told."""
    making = change(asking, ACTION, rule)
    if not gathered.groups and not gathered.problems:
        gathered.report(None, "empty", "The file has no groups.", "Fill in at least one row.")
    if gathered.problems:
        return ImportRow(applied=False, groups=(), problems=tuple(gathered.problems))
    gathered.finish_reading()
    work = partial(_import, making, gathered, sight, apply)
    try:
        done = await making.carry_out(Target("student_groups", "file"), work)
    except _RehearsedError as rehearsed:
        return ImportRow(applied=False, groups=rehearsed.groups, problems=(), left_out=tuple(gathered.left_out))
    except RefusedChangeError:
        return ImportRow(applied=False, groups=(), problems=tuple(gathered.problems))
    return ImportRow(applied=True, groups=done, problems=(), left_out=tuple(gathered.left_out))


async def _import(
    making: Change, gathered: Gathering, sight: Sight, apply: bool, connection: Connection
) -> tuple[ImportedGroup, ...]:
    gathered.begin()
    places = await _places(connection, {group.place for group in gathered.groups})
    users = await _users(making, connection, sight, {one for group in gathered.groups for one in group.logins})
    done: list[ImportedGroup] = []
    told: set[UserId] = set()
    for group in gathered.groups:
        where = _judged(making, gathered, group, places.get(group.place))
        if where is None:
            continue
        holders = await _holders(making, connection, gathered, group, where, users)
        made, given = await _put(making, connection, group, where, holders)
        done.append(made)
        told.update(given)
    if gathered.problems:
        first = gathered.problems[0]
        error = UserError(["file"], first.code, first.rule, first.message, first.remedy)
        raise RefusedChangeError([error])
    if not apply:
        raise _RehearsedError(tuple(done))
    if told:
        await making.tell(connection, told)
    return tuple(done)


def _judged(
    making: Change, gathered: Gathering, group: GatheredGroup, where: OrganizationRecord | None
) -> OrganizationRecord | None:
    """The organization; what isn't there and what the actor doesn't manage are reported alike."""
    if where is not None and where.active:
        verdict = may_manage_groups(making.actor, where.facts, group.school_year)
        if verdict.refusal is None:
            return where
    text = f"There is no school {group.place.code[:40]} whose student groups you manage in {group.school_year}."
    gathered.wrong(group.row, "not-managed", text, "Correct the code or the year.", gathered.headings.place)
    return None


async def _holders(
    making: Change,
    connection: Connection,
    gathered: Gathering,
    group: GatheredGroup,
    where: OrganizationRecord,
    users: dict[str, UserId],
) -> list[UserId]:
    """Whom the group is given to; a stranger and somebody without such a role are reported alike."""
    found: list[UserId] = []
    for login, row in group.logins.items():
        user = users.get(email_key(login))
        loaded = await load_person(connection, user) if user is not None else None
        if user is not None and loaded is not None:
            person = loaded.person
            recipient = Recipient(user, person.status, person.assignments)
            verdict = may_assign_group(making.actor, recipient, where.facts, group.school_year, making.asking.packs)
            if verdict.refusal is None:
                found.append(user)
                continue
        text = "Nobody with this address holds a role there that works with student groups."
        remedy = "Correct the address, or give the person such a role first."
        gathered.wrong(row, "no-roster-role", text, remedy, gathered.headings.login, "S1-31")
    return found


async def _put(
    making: Change, connection: Connection, group: GatheredGroup, where: OrganizationRecord, holders: list[UserId]
) -> tuple[ImportedGroup, list[UserId]]:
    asking = making.asking
    known = await group_named(connection, where.id, group.school_year, group.name)
    identifier = known or GroupId(asking.new_id())
    subject = group.subject or None
    if known is None:
        await create_group(connection, NewStudentGroup(identifier, where.id, group.school_year, group.name, subject))
    changed = known is not None and bool(subject) and await set_group_subject(connection, identifier, subject)
    added, removed = await replace_members(connection, identifier, group.students) if group.students else (0, 0)
    by, now = making.caller.user, asking.clock.now
    given = [user for user in holders if await assign_group(connection, identifier, user, by, now)]
    outcome = "created" if known is None else "changed" if changed or added or removed or given else "unchanged"
    if outcome != "unchanged":
        after = {
            "organization": str(where.id), "school_year": group.school_year, "outcome": outcome, "added": added,
            "removed": removed, "users": sorted(str(user) for user in given),
        }  # fmt: skip
        under = may_manage_groups(making.actor, where.facts, group.school_year).under
        await making.audit(connection, Target("student_group", str(identifier)), under, after=after)
    students = len(group.students) or None
    made = ImportedGroup(
        identifier, group.name, f"{where.level}:{where.code}", group.school_year, outcome, students, added, removed,
        len(given),
    )  # fmt: skip
    return made, given


async def _places(
    connection: Connection, references: set[OrganizationRef]
) -> dict[OrganizationRef, OrganizationRecord]:
    found: dict[OrganizationRef, OrganizationRecord] = {}
    for one in sorted(references, key=lambda one: one.code):
        record = await organization_by_code(connection, one.level or Level.SCHOOL, one.code)
        if record is not None:
            found[one] = record
    return found


async def _users(making: Change, connection: Connection, sight: Sight, logins: set[str]) -> dict[str, UserId]:
    """By the address's key: those whom the actor sees, locked."""
    found: dict[str, UserId] = {}
    for login in sorted(logins):
        record = await user_by_email(connection, login)
        if record is not None and holds(making.caller, sight.user, subject_of(record, making.asking)):
            found[email_key(login)] = record.id
    await lock_users(connection, sorted(found.values()))
    return found
