"""Applies a directory's difference: organizations, dated codes, moves, closings, and the assignments that follow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from policy.directory_known import Difference, Matched, NewHead
from policy.directory_rows import Superintendent
from policy.facts import Level
from policy.ids import UserId
from store.connection import Connection
from store.keys_of import email_key, name_key, text_key
from store.sessions import finish_everything
from store.statements import statements

T = TypeVar("T")

_AT_ONCE = 1_000
_SQL = "directory"
RETIRED = "no-access"
"""Why the authorizations of somebody end whom a directory file leaves with nothing."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When an import happens, and where its new ids come from. `today` is the date in the state's time zone."""

    now: datetime
    today: date
    new_id: Callable[[], UUID]


async def apply_difference(
    connection: Connection, found: Difference, moment: Moment, progress: Callable[[str, int, int], None]
) -> tuple[UserId, ...]:
    """Everything but audit, mail and access version; inside the caller's transaction. Returns whom to invite.

    Whom the directory leaves with nothing is signed out everywhere: her sessions and what came from them end.
    """
    await _organizations(connection, found.organizations, moment, progress)
    await connection.execute(statements(_SQL)["close"], [one.id for one in found.closing])
    ended = await connection.fetch(statements(_SQL)["end_heads"], list(found.ending_heads))
    invited = await _users(connection, found.new_heads, moment)
    await _heads(connection, found.new_heads, moment, progress)
    for row in await connection.fetch(statements(_SQL)["retire"], list({row["user_id"] for row in ended})):
        await finish_everything(connection, row["id"], moment.now, RETIRED)
    return invited


async def _organizations(
    connection: Connection, changed: Sequence[Matched], moment: Moment, progress: Callable[[str, int, int], None]
) -> None:
    """Level by level, so that each parent is there before what lies below it."""
    done = 0
    for level in Level:
        of_level = [one for one in changed if one.row.level is level]
        for part in _parts(of_level):
            await _some_organizations(connection, part, moment)
            done += len(part)
            progress("Organizations", done, len(changed))


async def _some_organizations(connection: Connection, part: Sequence[Matched], moment: Moment) -> None:
    added = [(moment.new_id(), one) for one in part if one.known is None]
    changed = [(one.known.id, one) for one in part if one.known is not None]
    for name, of_kind in (("add_organizations", added), ("change_organizations", changed)):
        if of_kind:
            await connection.execute(statements(_SQL)[name], *_columns(of_kind))
    ids = [identifier for identifier, _ in (*added, *changed)]
    await connection.execute(statements(_SQL)["end_codes"], ids, moment.today)
    await connection.execute(statements(_SQL)["begin_codes"], ids, moment.today)
    moved = [identifier for identifier, one in changed if one.row.level is Level.SCHOOL]
    await connection.execute(statements(_SQL)["move_assignments"], moved)
    await connection.execute(statements(_SQL)["move_groups"], moved)


def _columns(rows: Sequence[tuple[UUID, Matched]]) -> tuple[list[object], ...]:
    return (
        [identifier for identifier, _ in rows],
        [one.row.level.value for _, one in rows],
        [one.row.code for _, one in rows],
        [one.row.name for _, one in rows],
        [text_key(one.row.name) for _, one in rows],
        [one.row.funding.value if one.row.funding else None for _, one in rows],
        [one.row.active for _, one in rows],
        [one.row.parent or None for _, one in rows],
    )


async def _users(connection: Connection, heads: Sequence[NewHead], moment: Moment) -> tuple[UserId, ...]:
    """Accounts for addresses that nobody has yet; who is merely inactive comes back. Returns whom to invite."""
    people: dict[str, Superintendent] = {}
    for head in heads:
        people.setdefault(email_key(head.person.email), head.person)
    found = await connection.fetch(statements(_SQL)["users"], list(people))
    new = {key: one for key, one in people.items() if key not in {row["email_key"] for row in found}}
    added = await connection.fetch(
        statements(_SQL)["add_users"],
        [moment.new_id() for _ in new],
        [one.email for one in new.values()],
        list(new),
        [one.first_name for one in new.values()],
        [one.last_name for one in new.values()],
        [name_key(one.last_name, one.first_name) for one in new.values()],
    )
    back = await connection.fetch(statements(_SQL)["bring_back"], list(people))
    return (*(row["id"] for row in added), *(row["id"] for row in back if row["status"] == "invited"))


async def _heads(
    connection: Connection,
    heads: Sequence[NewHead],
    moment: Moment,
    progress: Callable[[str, int, int], None],
) -> None:
    done = 0
    for part in _parts(heads):
        await connection.execute(
            statements(_SQL)["add_heads"],
            [moment.new_id() for _ in part],
            [one.lea_code for one in part],
            [email_key(one.person.email) for one in part],
            [one.role.program for one in part],
            [one.role.role for one in part],
            [one.role.school_year for one in part],
            moment.now,
        )
        done += len(part)
        progress("Superintendents", done, len(heads))


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
