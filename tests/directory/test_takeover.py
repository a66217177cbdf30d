"""What a directory file must not be able to do: half the state missing, a stolen fallback, access without a role."""

import hashlib
import uuid
from datetime import timedelta
from uuid import UUID

import pytest

from policy.facts import UserStatus
from policy.grants import access_of
from policy.ids import Permission, UserId
from policy.packs import Packs
from store.database import Connection
from store.directory import DirectoryRefusedError, Importer, Watcher, import_directory
from store.directory_changes import Moment
from store.packs import ensure_default_packs, load_packs
from store.people import load_person, load_years
from store.sessions import NewSession, insert_session
from store.users import user_by_email
from tests.directory.files import CHARTER, LEA, OTHER_LEA, SCHOOL, STATE_ROW, csv, text
from tests.oidc.world import NOW

DESIGNATE = Permission("hallpass:coordinators:designate")
MANAGE = Permission("hallpass:users:manage")
LEA_ROW = f"r{LEA}"


@pytest.fixture
async def packs(connection: Connection) -> Packs:
    async with connection.transaction():
        await ensure_default_packs(connection)
    await connection.execute("insert into school_years values ('caaspp', '2026-27', 'current')")
    return await load_packs(connection)


async def load(connection: Connection, packs: Packs, data: bytes, *, accept: bool = False) -> None:
    moment = Moment(NOW, NOW.date(), uuid.uuid4)
    watcher = Watcher(lambda _found: None, lambda _what, _done, _total: None)
    async with connection.transaction():
        await import_directory(
            connection, data, packs, Importer(operator_reason="the file"), moment, accept=accept, watcher=watcher
        )


async def sign_in(connection: Connection, email: str) -> UserId:
    """An active account with signed forms, a session and an authorization with a refresh token."""
    found = await user_by_email(connection, email)
    assert found is not None
    await connection.execute("update users set status = 'active', password_hash = 'x' where id = $1", found.id)
    await connection.execute(
        "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name) "
        "select $1, 'caaspp', unnest($2::text[]), '2026-27', '1', 'me'",
        found.id, ["security-affidavit", "security-agreement"],
    )  # fmt: skip
    session = uuid.uuid4()
    await insert_session(
        connection,
        NewSession(session, hashlib.sha256(email.encode()).digest(), found.id, NOW, "aal1", ("pwd",), None,
                   NOW + timedelta(hours=12), None),
    )  # fmt: skip
    await connection.execute(
        "insert into relying_parties (client_id, label, systems, auth_method, grant_types, scopes) "
        "values ('reports', 'Reports', '{cers}', 'none', '{}', '{}') on conflict do nothing"
    )
    await connection.execute(
        "insert into authorizations (id, client_id, user_id, session_id, scope, resource, auth_time, acr, amr, "
        "created_at, expires_at) values ($1, 'reports', $2, $3, '', '', $4, '', '{}', $4, $4)",
        uuid.uuid4(), found.id, session, NOW,
    )  # fmt: skip
    return found.id


async def permissions(connection: Connection, packs: Packs, user: UUID) -> set[Permission]:
    loaded = await load_person(connection, UserId(user))
    assert loaded is not None
    return {one.permission for one in access_of(loaded.person, packs, await load_years(connection), NOW.date()).grants}


async def open_doors(connection: Connection, user: UUID) -> int:
    return await connection.fetchval(
        "select (select count(*) from sessions where user_id = $1 and ended_at is null) + "
        "(select count(*) from authorizations where user_id = $1 and revoked_at is null)",
        user,
    )


@pytest.mark.rule("years", "S1-04")
async def test_a_directory_import_with_half_the_state_missing(connection: Connection, packs: Packs) -> None:
    """It would close schools and take superintendents' roles: it says so, and stores nothing."""
    await load(connection, packs, csv())
    ana = await sign_in(connection, "ana@alameda.org")
    before = await connection.fetch("select * from organizations order by id")
    half = text([STATE_ROW, f"{OTHER_LEA},Los Angeles Unified,lea,,,Bo,Bell,bo@lausd.org,yes"]).encode()
    with pytest.raises(DirectoryRefusedError) as refused:
        await load(connection, packs, half)
    found = refused.value.difference
    assert found is not None
    assert (found.counts["closed"], found.counts["superintendent gone"]) == (6, 2)
    assert len(found.must_accept) == 2
    assert await connection.fetch("select * from organizations order by id") == before
    assert await open_doors(connection, ana) == 2
    assert DESIGNATE in await permissions(connection, packs, ana)


@pytest.mark.rule("years", "S1-04", "S1-05")
async def test_another_superintendent_is_another_person_and_the_old_one_is_out_at_once(
    connection: Connection, packs: Packs
) -> None:
    """In the same transaction: role, account, sessions, refresh tokens; the new one has nothing before she accepts."""
    await load(connection, packs, csv())
    ana = await sign_in(connection, "ana@alameda.org")
    changed = csv(**{LEA_ROW: f"{LEA},Alameda Unified,lea,,,Ana,Ávila,a.avila@alameda.org,yes"})
    await load(connection, packs, changed, accept=True)
    assert await permissions(connection, packs, ana) == set()
    assert await open_doors(connection, ana) == 0
    old, new = (
        await user_by_email(connection, "ana@alameda.org"),
        await user_by_email(connection, "a.avila@alameda.org"),
    )
    assert old is not None
    assert new is not None
    assert (old.status, new.status, old.id == new.id) == (UserStatus.INACTIVE, UserStatus.INVITED, False)
    assert await permissions(connection, packs, new.id) == set()
    invited = await connection.fetch("select user_id as recipient from messages")
    assert new.id in {one["recipient"] for one in invited}


@pytest.mark.rule("years")
async def test_who_has_something_left_stays_signed_in(connection: Connection, packs: Packs) -> None:
    await load(connection, packs, csv())
    ana = await sign_in(connection, "ana@alameda.org")
    await connection.execute(
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
        "status, origin) select gen_random_uuid(), $1, 'caaspp', 'test-administrator', '2026-27', o.id, o.lea_id, 'a', "
        "'active', 'operator' from organizations o where o.level = 'school' and o.code = $2",
        ana, SCHOOL,
    )  # fmt: skip
    await load(connection, packs, csv(**{LEA_ROW: f"{LEA},Alameda Unified,lea,,,,,,yes"}), accept=True)
    assert await open_doors(connection, ana) == 2
    assert DESIGNATE not in await permissions(connection, packs, ana)


@pytest.mark.rule("delegation-4", "S1-09")
async def test_a_stolen_fallback(connection: Connection, packs: Packs) -> None:
    """The fallback is whose the directory says, after an invitation and forms: not whoever has the old one's session,
    not an account with the new address in another LEA before the file says so, and not who takes the old address.
    """
    await load(connection, packs, csv())
    ana, bo = await sign_in(connection, "ana@alameda.org"), await sign_in(connection, "bo@lausd.org")
    assert MANAGE in await permissions(connection, packs, ana), "no coordinator: she stands in"
    await load(
        connection, packs, csv(**{LEA_ROW: f"{LEA},Alameda Unified,lea,,,New,Head,new@alameda.org,yes"}), accept=True
    )
    new = await user_by_email(connection, "new@alameda.org")
    assert new is not None
    assert await permissions(connection, packs, ana) == set()
    assert await permissions(connection, packs, new.id) == set()
    await connection.execute("update users set status = 'active', password_hash = 'x' where id = $1", new.id)
    assert await permissions(connection, packs, new.id) == set(), "both forms come first"
    await connection.execute("update users set email = 'x@x.org', email_key = 'x@x.org' where id = $1", ana)
    await connection.execute(
        "update users set email = 'ana@alameda.org', email_key = 'ana@alameda.org' where id = $1", bo
    )  # fmt: skip
    held = await load_person(connection, bo)
    assert held is not None
    assert {one.organization.code for one in held.person.assignments} == {OTHER_LEA}, "nothing moves with an address"


@pytest.mark.rule("years", "S1-04", "delegation-3")
async def test_a_direct_funded_charter_has_its_administrator_and_a_local_one_is_no_lea(
    connection: Connection, packs: Packs
) -> None:
    """LEA and school share one code; the role is held at the LEA."""
    await load(connection, packs, csv())
    chi = await sign_in(connection, "chi@accelerated.org")
    held = await load_person(connection, chi)
    assert held is not None
    assert [(one.organization.level, one.organization.code) for one in held.person.assignments] == [("lea", CHARTER)]
    both = await connection.fetch("select level from organizations where code = $1 order by level", CHARTER)
    assert [one["level"] for one in both] == ["lea", "school"]
    local = csv(charter=f"{CHARTER},Accelerated,lea,,local,Chi,Cole,chi@accelerated.org,yes")
    with pytest.raises(DirectoryRefusedError):
        await load(connection, packs, local, accept=True)
    await load(connection, packs, csv(charter=f"{CHARTER},Accelerated,lea,,direct,,,,yes"), accept=True)
    assert await permissions(connection, packs, chi) == set()
    assert await open_doors(connection, chi) == 0
