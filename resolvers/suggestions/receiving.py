"""A set of a student information system taken in: its staff become suggestions, which give nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final

from policy.access import AnyOf
from policy.files.rows import OrganizationRef, RowProblem
from policy.ids import OrganizationId, ProgramCode, SchoolYear
from policy.suggestions import Proposed
from resolvers.asking import Asking
from resolvers.attempts import acting_under
from resolvers.suggestions.comparing import TakenIn, compared
from resolvers.suggestions.places import Managing, NamedPlaces, named_places
from resolvers.writing import Change, Target, change
from store.audit import record_many
from store.database import Connection
from store.keys_of import email_key, name_key
from store.suggestion_sets import (
    NewSuggestion,
    Sending,
    insert_suggestions,
    known_suggestions,
    lock_leas,
    renew_suggestions,
    role_holders,
    see_suggestions,
    supersede_suggestions,
)

ACTION: Final = "sendSuggestions"
MOST_BYTES: Final = 100 * 1_048_576
"""Of the archive."""
MOST: Final = 50_000
"""Suggestions of one set."""
_MOST_TOLD: Final = 1_000


@dataclass(frozen=True, slots=True)
class ReadSet:
    """What a set says of staff. `problems`: what was left out while it was read."""

    rows: Sequence[Proposed]
    places: frozenset[OrganizationRef]
    """Every district and school that it names."""
    problems: Sequence[RowProblem]


@dataclass(frozen=True, slots=True)
class SetTaken:
    """What became of it, and what was left out and why."""

    counts: TakenIn
    problems: tuple[RowProblem, ...]


async def carry_out(
    asking: Asking, program: ProgramCode, school_year: SchoolYear, found: ReadSet, rule: AnyOf
) -> SetTaken:
    """In one transaction. The same set sent again changes nothing."""
    making = change(asking, ACTION, rule)
    managing = Managing(making.caller, rule, program, school_year)
    return await making.carry_out(
        Target("role_suggestions", program), partial(_take_in, making, managing, found)
    )  # fmt: skip


async def _take_in(making: Change, managing: Managing, found: ReadSet, connection: Connection) -> SetTaken:
    asking = making.asking
    places = await named_places(connection, found.places, managing)
    await lock_leas(connection, places.leas)
    sent, problems = _within_reach(asking, found, places)
    sending = Sending(
        managing.program, managing.school_year, making.caller.user, asking.clock.now, asking.clock.today, places.reached
    )
    changes = compared(
        sent, await known_suggestions(connection, sending), await role_holders(connection, sending), asking.clock.today
    )
    if changes.made:
        await insert_suggestions(connection, sending, changes.made)
    if changes.renewed:
        await renew_suggestions(connection, sending, changes.renewed)
    if changes.superseded:
        await supersede_suggestions(connection, sending, changes.superseded)
    if changes.seen:
        await see_suggestions(connection, sending, changes.seen)
    if changes.any:
        await _audit(making, connection, managing, changes.counts, places.leas)
    return SetTaken(changes.counts, tuple(problems[:_MOST_TOLD]))


def _within_reach(
    asking: Asking, found: ReadSet, places: NamedPlaces
) -> tuple[list[NewSuggestion], list[RowProblem]]:  # fmt: skip
    """One for each person, organization and role; what isn't there and what isn't managed are reported alike."""
    sent: dict[tuple[OrganizationId, bytes, str | None], NewSuggestion] = {}
    problems = list(found.problems)
    for row in found.rows:
        place = places.by_ref.get(row.place)
        if place is None or not place.active:
            problems.append(_not_managed(row))
            continue
        key = email_key(row.email)
        hashed = asking.accounts.address_hash(key)
        sent.setdefault(
            (place.id, hashed, row.role),
            NewSuggestion(
                asking.new_id(), place.id, hashed, row.role, row.source_role, row.row, row.email, key, row.first_name,
                row.last_name, name_key(row.last_name, row.first_name), row.phone or None,
            ),
        )  # fmt: skip
    return list(sent.values()), problems


def _not_managed(row: Proposed) -> RowProblem:
    text = f"There is no open organization {row.place.code[:40]} whose users you manage."
    remedy = "Correct its identifier in the student information system, or leave it to whoever manages it."
    return RowProblem(row.row, "users.csv: orgSourcedId", "", "not-managed", "files", text, remedy)


async def _audit(
    making: Change, connection: Connection, managing: Managing, counts: TakenIn, leas: Sequence[OrganizationId]
) -> None:
    """One event for each LEA, with the counts of the whole set."""
    after = {"program": managing.program, "school_year": managing.school_year, **asdict(counts)}
    under = acting_under(making.caller)
    events = [
        replace(
            making.event(Target("role_suggestions", str(lea)), None, after={**after, "organization": str(lea)}),
            acting_under=under,
        )
        for lea in leas
    ]
    await record_many(connection, events)
