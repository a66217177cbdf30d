"""Directory import: compares a file with what is stored, and applies the difference whole or not at all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from policy.directory import derived_roles, difference, missing_state
from policy.directory_cells import CellRules
from policy.directory_file import read_directory
from policy.directory_known import (
    DerivedRole,
    Difference,
    Keys,
    KnownDirectory,
    KnownHead,
    KnownOrganization,
    KnownUser,
)
from policy.directory_rows import DirectoryRow, Funding, RowProblem
from policy.directory_tree import check_tree
from policy.facts import Level, UserStatus
from policy.ids import UserId
from policy.packs import Packs
from store.access_version import raise_epoch
from store.audit import AuditEvent, record, record_derived_roles
from store.connection import Connection
from store.directory_changes import Moment, apply_difference
from store.keys_of import email_key, text_key
from store.outbox import MailOrder, queue_mails
from store.people import load_years
from store.statements import statements
from store.years import lock_years

_INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports: a person who may, or the operator with a reason."""

    actor: UserId | None = None
    acting_under: str | None = None
    operator_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who looks on: `announce` is told the difference before it is applied; `progress` what is being done, how many
    rows are done, and of how many.
    """

    announce: Callable[[Difference], None]
    progress: Callable[[str, int, int], None]


class DirectoryRefusedError(Exception):
    """Nothing was stored: the file is wrong (`problems`), or its difference must be accepted first."""

    def __init__(self, problems: tuple[RowProblem, ...], found: Difference | None = None) -> None:
        super().__init__("The directory file is refused.")
        self.problems = problems
        self.difference = found


async def compare_directory(connection: Connection, data: bytes, packs: Packs) -> Difference:
    """What the file would change. Raises DirectoryRefusedError with every problem of the file."""
    read = read_directory(data, CellRules(_last_label_limit(packs)))
    problems = read.problems or check_tree(read.rows, email_key)
    if problems:
        raise DirectoryRefusedError(problems)
    known = await _known(connection, read.rows, packs)
    missing = missing_state(read.rows, known)
    if missing is not None:
        raise DirectoryRefusedError((missing,))
    return difference(read.rows, known, Keys(email_key, text_key))


async def import_directory(
    connection: Connection,
    data: bytes,
    packs: Packs,
    by: Importer,
    moment: Moment,
    *,
    accept: bool,
    watcher: Watcher,
) -> Difference:
    """Apply the file; inside the caller's transaction, as its last change. A file without difference changes nothing.

    Imports wait for each other, and for a year that is being closed. Who is new is invited. Raises
    DirectoryRefusedError: then the caller's transaction must end.
    """
    await lock_years(connection)
    await connection.execute(statements("directory")["lock"])
    found = await compare_directory(connection, data, packs)
    if found.must_accept and not accept:
        raise DirectoryRefusedError((), found)
    if not found.changes:
        return found
    watcher.announce(found)
    number = moment.new_id()
    invited = await apply_difference(connection, found, moment, watcher.progress)
    await queue_mails(connection, number, [MailOrder(_INVITATION, user, by=by.actor) for user in invited])
    await _write_down(connection, found, sha256(data).digest(), by, moment, number)
    await raise_epoch(connection)
    return found


async def _write_down(
    connection: Connection, found: Difference, digest: bytes, by: Importer, moment: Moment, number: UUID
) -> None:
    report: dict[str, object] = {
        "counts": found.counts,
        "changes": [[one.kind.value, one.level.value, one.code, one.row] for one in found.changes],
    }
    await connection.execute(
        statements("directory")["record_import"], number, digest, moment.now, by.operator_reason, by.actor, report
    )
    event = AuditEvent(
        action="importDirectory",
        target_type="directory",
        target_id=str(number),
        actor=by.actor,
        acting_under=by.acting_under,
        operator_reason=by.operator_reason,
        after={"digest": digest.hex(), **found.counts},
    )
    await record(connection, event)
    await record_derived_roles(connection, "importDirectory", by, number)


async def _known(connection: Connection, rows: Iterable[DirectoryRow], packs: Packs) -> KnownDirectory:
    derived = derived_roles(packs, await load_years(connection))
    emails = sorted({email_key(row.superintendent.email) for row in rows if row.superintendent})
    return KnownDirectory(
        organizations=await _organizations(connection),
        heads=await _heads(connection, derived),
        users=await _users(connection, emails),
        derived=derived,
    )


async def _organizations(connection: Connection) -> tuple[KnownOrganization, ...]:
    rows = await connection.fetch(statements("directory")["organizations"])
    return tuple(
        KnownOrganization(
            row["id"], Level(row["level"]), row["code"], row["name"], row["parent_id"],
            Funding(row["funding"]) if row["funding"] else None, row["active"],
        )
        for row in rows
    )  # fmt: skip


async def _heads(connection: Connection, derived: tuple[DerivedRole, ...]) -> tuple[KnownHead, ...]:
    rows = await connection.fetch(
        statements("directory")["heads"],
        [one.program for one in derived], [one.role for one in derived], [one.school_year for one in derived],
    )  # fmt: skip
    return tuple(
        KnownHead(
            row["organization_id"], DerivedRole(row["program"], row["role"], row["school_year"]), row["id"],
            row["email_key"] or "",
        )
        for row in rows
    )  # fmt: skip


async def _users(connection: Connection, emails: list[str]) -> Mapping[str, KnownUser]:
    rows = await connection.fetch(statements("directory")["users"], emails)
    return {
        row["email_key"]: KnownUser(row["id"], row["first_name"], row["last_name"], UserStatus(row["status"]))
        for row in rows
    }


def _last_label_limit(packs: Packs) -> int | None:
    """The narrowest of the loaded packs: a superintendent holds her role in each of them."""
    return min((pack.last_label_limit for pack in packs.all() if pack.last_label_limit is not None), default=None)
