"""Student groups, forms and credentials: what they change is seen by the facts that the core judges."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from policy.access import AccessRule, AccessTarget
from policy.facts import Credential, RosterPlace, SignedForm
from policy.ids import GroupId, UserId
from store.connection import Connection
from store.credentials import credentials_of_users, record_credential
from store.forms import forms_of_users, sign_form
from store.groups import (
    NewStudentGroup,
    assign_group,
    create_group,
    delete_group,
    groups_by_ids,
    rename_group,
    replace_members,
    unassign_group,
    users_of_groups,
)
from store.mapped_rows import Kind, Listed, count_within, rows_within
from store.pages import PageRequest
from store.people import load_person
from store.records import CredentialRecord, SignedFormRecord
from store.tables import GROUPS, Found
from store.users import NewUser, create_user
from tests.policy import worlds
from tests.store.populated import AT, populate
from tests.store.seeing import seeing_everything

ANN = UserId(worlds.ident("ann"))
SCHOOL = worlds.SCHOOLS[0]
GROUP = NewStudentGroup(GroupId(worlds.ident("new")), SCHOOL.id, worlds.NOW, "Périod 1", "ELA", 31)


@pytest.fixture(autouse=True)
async def _state(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    await populate(connection, ())
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))


async def test_a_group_is_made_renamed_and_deleted(connection: Connection) -> None:
    await create_group(connection, GROUP)
    found = (await groups_by_ids(connection, [GROUP.id]))[GROUP.id]
    assert (found.name, found.subject_area, found.student_count, found.lea_id) == ("Périod 1", "ELA", 31, SCHOOL.lea)
    with pytest.raises(asyncpg.UniqueViolationError):
        await create_group(connection, replace(GROUP, id=GroupId(uuid4()), name="period 1"))
    with pytest.raises(LookupError, match="does not exist"):
        await create_group(connection, replace(GROUP, id=GroupId(uuid4()), organization=ANN))  # type: ignore[arg-type]
    assert not await rename_group(connection, GROUP.id, "Period 2", 9)
    assert await rename_group(connection, GROUP.id, "Period 2", 1)
    assert await assign_group(connection, GROUP.id, ANN, None, AT)
    assert await delete_group(connection, GROUP.id) == {ANN}
    assert await groups_by_ids(connection, [GROUP.id]) == {}


async def test_an_assigned_group_is_a_fact_of_the_person(connection: Connection) -> None:
    await create_group(connection, GROUP)
    assert await assign_group(connection, GROUP.id, ANN, None, AT)
    assert not await assign_group(connection, GROUP.id, ANN, None, AT)
    loaded = await load_person(connection, ANN)
    assert loaded is not None
    assert loaded.person.rosters == (RosterPlace(GROUP.id, SCHOOL.id, SCHOOL.lea, worlds.NOW),)
    assert await users_of_groups(connection, [GROUP.id]) == {GROUP.id: (ANN,)}
    assert await unassign_group(connection, GROUP.id, ANN)
    assert not await unassign_group(connection, GROUP.id, ANN)


async def test_members_are_keyed_hashes(connection: Connection) -> None:
    await create_group(connection, GROUP)
    members = "select member_key from student_group_members where group_id = $1 order by member_key"
    assert await replace_members(connection, GROUP.id, [b"one", b"two"]) == (2, 0)
    assert await replace_members(connection, GROUP.id, [b"two", b"three"]) == (1, 1)
    assert [one["member_key"] for one in await connection.fetch(members, GROUP.id)] == [b"three", b"two"]


async def test_groups_of_organizations_come_page_by_page(connection: Connection) -> None:
    for number in range(5):
        await create_group(connection, replace(GROUP, id=GroupId(uuid4()), name=f"Extra {number}"))
    asked, kind = seeing_everything(worlds.GROUPS), Kind(GROUPS, ("name",))
    listed = Listed(Found.BY_KEY, "organization_id", (AccessRule(worlds.GROUPS, AccessTarget.GROUP_ORGANIZATION),))
    first = (await rows_within(connection, asked, kind, listed, [SCHOOL.id], PageRequest(4)))[SCHOOL.id]
    next_page = PageRequest(4, first.cursors[-1])
    rest = (await rows_within(connection, asked, kind, listed, [SCHOOL.id], next_page))[SCHOOL.id]
    names = [one["name"] for one in (*first.rows, *rest.rows)]
    assert len(names) == len(set(names)) == 7
    assert not rest.has_next
    assert (await count_within(connection, asked, GROUPS, listed, [SCHOOL.id]))[SCHOOL.id].exact == 7


async def test_a_form_is_signed_once(connection: Connection) -> None:
    signed = SignedFormRecord(ANN, worlds.RED, "affidavit", worlds.NOW, "1", "Ann Bell", AT)
    assert await sign_form(connection, signed)
    assert not await sign_form(connection, replace(signed, signed_name="Somebody Else"))
    assert await forms_of_users(connection, [ANN]) == {ANN: (signed,)}
    loaded = await load_person(connection, ANN)
    assert loaded is not None
    assert loaded.person.forms == {SignedForm(worlds.RED, "affidavit", worlds.NOW)}


async def test_a_credential_is_recorded_for_one_lea(connection: Connection) -> None:
    lea = worlds.LEAS[0].id
    recorded = CredentialRecord(uuid4(), ANN, lea, "C-77", date(2027, 6, 30), None, AT)
    await record_credential(connection, recorded)
    assert await credentials_of_users(connection, [ANN]) == {ANN: (recorded,)}
    loaded = await load_person(connection, ANN)
    assert loaded is not None
    assert loaded.person.credentials == (Credential(lea, date(2027, 6, 30)),)
