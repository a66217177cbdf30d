"""moveOrganization, closeOrganization, reopenOrganization and renameOrganization: by the state, one at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.directory_cells import CellRules, read_row
from policy.facts import Level
from policy.ids import OrganizationId
from resolvers import targets
from resolvers.account_changes import check_version, refused
from resolvers.asking import Asking
from resolvers.everybody import acting_under, still_may
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.access_version import raise_epoch
from store.audit import AuditEvent, record
from store.database import Connection
from store.organization_changes import (
    count_open_schools,
    is_taken,
    lock_tree,
    move_school,
    rename_organization,
    set_active,
)
from store.organizations import organizations_by_ids
from store.records import OrganizationRecord

MOVE, CLOSE, REOPEN, RENAME = "moveOrganization", "closeOrganization", "reopenOrganization", "renameOrganization"


@dataclass(frozen=True, slots=True)
class OrganizationAsked:
    """`other`: where a school moves to, or what a closed organization is merged into. `name` and `code` None: kept."""

    organization: UUID | None
    expected_version: int
    other: UUID | None = None
    by_other: bool = False
    name: str | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    organization: OrganizationId | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class _Places:
    """The organization and the other one, locked, as they are now."""

    one: OrganizationRecord
    other: OrganizationRecord | None


_Work = Callable[[Change, Connection, _Places, OrganizationAsked], Awaitable[dict[str, object]]]


async def move(asking: Asking, asked: OrganizationAsked, rule: AnyOf, sight: Sight) -> OrganizationRow:
    return await _carry_out(asking, MOVE, asked, rule, sight, _move)


async def close(asking: Asking, asked: OrganizationAsked, rule: AnyOf, sight: Sight) -> OrganizationRow:
    return await _carry_out(asking, CLOSE, asked, rule, sight, _close)


async def reopen(asking: Asking, asked: OrganizationAsked, rule: AnyOf, sight: Sight) -> OrganizationRow:
    return await _carry_out(asking, REOPEN, asked, rule, sight, _reopen)


async def rename(asking: Asking, asked: OrganizationAsked, rule: AnyOf, sight: Sight) -> OrganizationRow:
    return await _carry_out(asking, RENAME, asked, rule, sight, _rename)


async def _carry_out(
    asking: Asking, action: str, asked: OrganizationAsked, rule: AnyOf, sight: Sight, work: _Work
) -> OrganizationRow:
    """Raises RefusedError NOT_FOUND for an organization that isn't there, or isn't seen."""
    making = change(asking, action, rule)
    one = await targets.organization(asking, sight, asked.organization)
    other = await targets.organization(asking, sight, asked.other) if asked.by_other else None
    target = Target("organization", str(one.id))

    async def done(connection: Connection) -> None:
        places = await _locked(connection, one, other)
        check_version(asked.expected_version, places.one.version)
        before = _plain(places.one)
        after = await work(making, connection, places, asked)
        await still_may(making)(connection)
        await _record(making, connection, target, before, after, asked.reason)
        await raise_epoch(connection)

    try:
        await making.carry_out(target, done)
    except RefusedChangeError as refusal:
        return OrganizationRow(None, refusal.errors)
    return OrganizationRow(OrganizationId(one.id), [])


async def _locked(connection: Connection, one: OrganizationRecord, other: OrganizationRecord | None) -> _Places:
    ids = [OrganizationId(place.id) for place in (one, other) if place is not None]
    await lock_tree(connection, ids)
    found = await organizations_by_ids(connection, ids)
    if len(found) != len(set(ids)):
        raise targets.missing("organization")
    return _Places(found[OrganizationId(one.id)], found[OrganizationId(other.id)] if other else None)


async def _move(_: Change, connection: Connection, places: _Places, asked: OrganizationAsked) -> dict[str, object]:
    one, lea = places.one, places.other
    if one.level is not Level.SCHOOL:
        raise refused("organization", "WRONG_LEVEL", None, "Only schools are moved.", "Name a school.")
    if lea is None or lea.level is not Level.LEA or not lea.active:
        raise refused("to", "WRONG_LEVEL", None, "A school moves to an LEA that is open.", "Name an open LEA.")
    if one.parent_id == lea.id:
        raise refused("to", "UNCHANGED", None, "The school lies in this LEA.", "Nothing is to be done.")
    await move_school(connection, OrganizationId(one.id), OrganizationId(lea.id), asked.expected_version)
    return {"parent": str(lea.id)}


async def _close(_: Change, connection: Connection, places: _Places, asked: OrganizationAsked) -> dict[str, object]:
    one, into = places.one, places.other
    if one.level is Level.STATE:
        raise refused(
            "organization", "WRONG_LEVEL", None, "The state itself can't be closed.", "Name an LEA or school."
        )
    if not one.active:
        raise refused("organization", "UNCHANGED", None, "It is closed already.", "Nothing is to be done.")
    if one.level is Level.LEA and await count_open_schools(connection, OrganizationId(one.id)):
        raise refused(
            "organization", "OPEN_SCHOOLS", None, "Schools of this LEA are open.", "Close or move its schools first."
        )
    if into is not None and (into.id == one.id or into.level is not one.level or not into.active):
        raise refused(
            "mergedInto", "WRONG_LEVEL", None, "It is merged into another open organization of its own level.",
            "Name such a one, or leave it out.",
        )  # fmt: skip
    merged = OrganizationId(into.id) if into else None
    await set_active(
        connection, OrganizationId(one.id), asked.expected_version, active=False, merged_into=merged
    )  # fmt: skip
    return {"active": False, "merged_into": str(merged) if merged else None}


async def _reopen(_: Change, connection: Connection, places: _Places, asked: OrganizationAsked) -> dict[str, object]:
    one = places.one
    if one.active:
        raise refused("organization", "UNCHANGED", None, "It is open.", "Nothing is to be done.")
    if one.level is Level.SCHOOL and one.parent_id is not None:
        (lea,) = (await organizations_by_ids(connection, (OrganizationId(one.parent_id),))).values()
        if not lea.active:
            raise refused("organization", "CLOSED", None, "Its LEA is closed.", "Reopen the LEA, or move the school.")
    await set_active(connection, OrganizationId(one.id), asked.expected_version, active=True)
    return {"active": True}


async def _rename(
    making: Change, connection: Connection, places: _Places, asked: OrganizationAsked
) -> dict[str, object]:
    one = places.one
    name, code = asked.name or one.name, asked.code or one.code
    _check_words(one, name, code)
    if (name, code) == (one.name, one.code):
        raise refused("name", "UNCHANGED", None, "It is called so already.", "Nothing is to be done.")
    if await is_taken(connection, one.level, code, OrganizationId(one.id)):
        raise refused("code", "TAKEN", None, f"Another {one.level} has the code {code}.", "Correct the code.")
    today = making.asking.clock.today
    await rename_organization(connection, OrganizationId(one.id), name, code, asked.expected_version, today)
    return {"name": name, "code": code}


def _check_words(one: OrganizationRecord, name: str, code: str) -> None:
    """By the rules of a directory file's cells. Raises RefusedChangeError."""
    cells = {
        "code": code, "name": name, "level": one.level.value, "parent": one.lea_code or "",
        "funding": one.funding or "", "active": "yes" if one.active else "no",
        "superintendent_first_name": "", "superintendent_last_name": "", "superintendent_email": "",
    }  # fmt: skip
    _, problems = read_row(1, cells, CellRules(None))
    errors = [
        UserError(["input", found.column], "INVALID", None, found.message, found.remedy)
        for found in problems
        if found.column in ("name", "code")
    ]
    if errors:
        raise RefusedChangeError(errors)


def _plain(one: OrganizationRecord) -> dict[str, object]:
    return {
        "parent": str(one.parent_id) if one.parent_id else None,
        "active": one.active,
        "name": one.name,
        "code": one.code,
    }


async def _record(
    making: Change, connection: Connection, target: Target, before: dict[str, object], after: dict[str, object],
    reason: str | None,
) -> None:  # fmt: skip
    event = AuditEvent(
        making.action, target.type, target.id, actor=making.caller.user, acting_under=acting_under(making),
        before={key: before.get(key) for key in after}, after=after, reason=reason,
        request_id=making.asking.request_id or None,
    )  # fmt: skip
    await record(connection, event)
