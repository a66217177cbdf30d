"""Role assignments: given with the keys that lists need, once each, and read for many users in one statement."""

from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from policy.access import AccessRule, AccessTarget
from policy.ids import AssignmentId, OrganizationId, UserId
from store.assignments import (
    NewAssignment,
    assignments_by_ids,
    delete_assignments,
    insert_assignment,
)
from store.connection import Connection
from store.mapped_rows import Kind, Listed, rows_within
from store.pages import PageRequest
from store.tables import ASSIGNMENTS, Found
from store.users import NewUser, create_user
from tests.policy import worlds
from tests.store.counting import counting
from tests.store.populated import AT, populate
from tests.store.seeing import seeing_everything

ANN, BEA = (UserId(worlds.ident(name)) for name in ("ann", "bea"))
LISTED = Listed(Found.BY_KEY, "user_id", (AccessRule(worlds.VIEW, AccessTarget.ASSIGNMENT_ORGANIZATION),))
KIND = Kind(ASSIGNMENTS, ("organization_id",))


def new(user: UserId, where: OrganizationId, **more: object) -> NewAssignment:
    given = {"assigned_by": BEA, "assigned_under": "red/boss", **more}
    return NewAssignment(
        AssignmentId(uuid4()), user, worlds.RED, worlds.SITE, worlds.NOW, where, AT, **given,  # type: ignore[arg-type]
    )  # pyright: ignore[reportArgumentType]  # fmt: skip


@pytest.fixture(autouse=True)
async def _state(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    await populate(connection, ())
    for user, first in ((ANN, "Ann"), (BEA, "Béa")):
        await create_user(connection, NewUser(user, f"{first}@example.org", first, "Bell"))


async def test_an_assignment_is_read_back_with_its_place(connection: Connection) -> None:
    school = worlds.SCHOOLS[0]
    given = new(ANN, school.id, primary=False, last_day=date(2027, 1, 31))
    await insert_assignment(connection, given)
    found = (await assignments_by_ids(connection, [given.id]))[given.id]
    assert found.place == worlds.place_of(school, worlds.RED, worlds.NOW, worlds.SITE)
    assert (found.assigned_by, found.assigned_under, found.assigned_at, found.last_day) == (
        BEA, "red/boss", AT, date(2027, 1, 31),
    )  # fmt: skip
    row = await connection.fetchrow("select name_key, lea_id from role_assignments")
    assert row is not None
    assert (row["name_key"], row["lea_id"]) == ("bell ann", school.lea)


async def test_the_same_role_is_given_once(connection: Connection) -> None:
    await insert_assignment(connection, new(ANN, worlds.SCHOOLS[0].id))
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert_assignment(connection, new(ANN, worlds.SCHOOLS[0].id))


async def test_an_unknown_user_or_organization_is_an_error(connection: Connection) -> None:
    for user, where in ((UserId(worlds.ident("nobody")), worlds.SCHOOLS[0].id), (ANN, OrganizationId(uuid4()))):
        with pytest.raises(LookupError, match="does not exist"):
            await insert_assignment(connection, new(user, where))


async def test_many_users_are_read_in_one_statement_page_by_page(connection: Connection) -> None:
    for school in worlds.SCHOOLS[:5]:
        await insert_assignment(connection, new(ANN, school.id))
    await insert_assignment(connection, new(BEA, worlds.SCHOOLS[0].id, assigned_by=ANN))
    counted, counter = counting(connection)
    asked = seeing_everything(worlds.VIEW)
    pages = await rows_within(counted, asked, KIND, LISTED, [ANN, BEA], PageRequest(3))
    assert counter.sent == 1
    assert [(len(pages[user].rows), pages[user].has_next) for user in (ANN, BEA)] == [(3, True), (1, False)]
    rest = await rows_within(connection, asked, KIND, LISTED, [ANN], PageRequest(3, pages[ANN].cursors[-1]))
    assert rest[ANN].has_previous
    assert {one["organization_id"] for one in (*pages[ANN].rows, *rest[ANN].rows)} == {s.id for s in worlds.SCHOOLS[:5]}


async def test_taking_away_tells_whose_they_were(connection: Connection) -> None:
    one, two = new(ANN, worlds.SCHOOLS[0].id), new(BEA, worlds.SCHOOLS[1].id, assigned_by=ANN)
    for given in (one, two):
        await insert_assignment(connection, given)
    assert await delete_assignments(connection, [one.id, two.id, AssignmentId(uuid4())]) == {ANN, BEA}
    assert await assignments_by_ids(connection, [one.id, two.id]) == {}
