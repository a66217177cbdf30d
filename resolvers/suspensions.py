"""Suspensions as they are shown to whoever manages the person: what, with which comment, by whom and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from policy.caller import PersonCaller
from policy.ids import AssignmentId, UserId
from resolvers.asking import Asking
from resolvers.batches import batch_of
from store.suspensions import SuspensionRecord, open_suspensions


@dataclass(frozen=True, slots=True)
class SuspensionRow:
    comment: str | None
    suspended_at: datetime
    author: UserId | None
    under: str | None
    """The role under which the author acted, as "program/role"."""


async def of_account(asking: Asking, user: UserId) -> SuspensionRow | None:
    """Of the account as a whole."""
    return await _one(asking, user, None)


async def of_assignment(asking: Asking, user: UserId, assignment: AssignmentId) -> SuspensionRow | None:
    return await _one(asking, user, assignment)


async def _one(asking: Asking, user: UserId, assignment: AssignmentId | None) -> SuspensionRow | None:
    async def load(users: Sequence[UserId]) -> Mapping[UserId, tuple[SuspensionRecord, ...]]:
        return await asking.reads.run(partial(open_suspensions, users=users))

    every = await batch_of(asking.batches, "suspensions", load).get(user) or ()
    found = next((one for one in every if one.assignment == assignment), None)
    if found is None:
        return None
    under = f"{found.under.program}/{found.under.role}" if found.under else None
    about_herself = isinstance(asking.caller, PersonCaller) and asking.caller.user == user
    comment = None if about_herself else found.comment  # written for those who manage her, whatever else she is
    return SuspensionRow(comment, found.suspended_at, found.author, under)
