"""After the retention's end no table of the database holds a person's name or address (decisions, accounts 5)."""

import uuid
from datetime import timedelta
from typing import Final

import pytest

from gateway.jobs.erasing import erase_deleted_people
from gateway.jobs.retention import purge
from gateway.outbox.daily import Day
from gateway.state import Gateway
from policy.retention import Kept
from store.database import Connection, open_connection
from tests.accounts.acting import act, version_of
from tests.graphql.changes import assign, remove, role
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, LEA, assignment_id, give, person, user_id
from tests.oidc.world import NOW, Clock

NAME: Final = "zebulon"
"""Her address is zebulon@valley.example; her last name, her number and her signature are as telling."""
TELLING: Final = (NAME, "quimby", "555-0142", "555-0143", "credential-4711")
KEPT: Final = {"upload_chunks", "upload_rows", "upload_found", "uploads"}
"""Files that somebody sent are kept as they were until their own retention is over (docs/people.md)."""


async def _tables_that_tell(owner: Connection, words: tuple[str, ...]) -> set[str]:
    """Every table with one of the words in any column, bytes included, whatever its case."""
    tables = await owner.fetch(
        "select format('%I.%I', n.nspname, c.relname) as name, c.relname from pg_class c "
        "join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm') "
        "and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'"
    )
    found: set[str] = set()
    for table in tables:
        for word in words:
            there = await owner.fetchval(
                f"select exists (select from {table['name']} t where t::text ilike $1 "
                "or t::text like $2 or t::text like $3)",
                f"%{word}%",
                *(f"%{one.encode().hex()}%" for one in (word, word.capitalize())),
            )
            if there:
                found.add(table["relname"])
    return found


async def _lived(as_person: AsCaller, connection: Connection) -> None:
    """She works, signs, is written to and about, in as many rooms as there are."""
    await as_person("site")
    await person(connection, NAME)
    await give(connection, NAME, "test-administrator", HILL)
    user = user_id(NAME)
    primary = await as_person("primary")
    version = await version_of(connection, NAME)
    asked = {"user": str(user), "expectedVersion": version, "lastName": "Quimby", "phone": "916-555-0142"}
    assert (await act(primary, "updateUser", **asked))["userErrors"] == []
    own = await as_person(NAME)
    wanted = {"user": str(user), "email": f"{NAME}.quimby@new.example", "expectedVersion": version + 1}
    assert (await act(own, "requestEmailChange", **wanted))["userErrors"] == []
    assert (await act(primary, "deactivateUser", user=str(user), comment="Zebulon is on leave"))["userErrors"] == []
    assert (await act(primary, "reactivateUser", user=str(user)))["userErrors"] == []
    assert (await assign(primary, NAME, **role("educator-district", LEA)))["userErrors"] == []
    gone = assignment_id(NAME, "test-administrator", HILL)
    assert (await remove(primary, gone, reason="Zebulon Quimby asked for it"))["userErrors"] == []
    await connection.execute("update signed_forms set signed_name = 'Zebulon Quimby' where user_id = $1", user)
    await connection.execute(
        "insert into credentials (id, user_id, lea_id, number, expires_on) values ($1, $2, $3, 'credential-4711', $4)",
        uuid.uuid4(), user, LEA, NOW.date() + timedelta(days=90),
    )  # fmt: skip
    await connection.execute("update sessions set user_agent = 'Zebulon''s Phone' where user_id = $1", user)
    await connection.execute("update messages set problem = '550 no zebulon@valley.example' where user_id = $1", user)
    await connection.execute("insert into earlier_passwords values ($1, $2, 'quimby')", user, NOW)
    await _told_by_others(connection)


async def _told_by_others(connection: Connection) -> None:
    """What names her by her address: no reference leads from there to her account."""
    await connection.execute(
        "insert into contacts (organization_id, kind, user_id, set_by, set_at) "
        "values ($1, 'technology', $2, $3, $4)",
        LEA, user_id(NAME), user_id("primary"), NOW,
    )  # fmt: skip
    await connection.execute(
        "insert into contacts (organization_id, kind, first_name, last_name, email, phone, set_by, set_at) "
        "values ($1, 'special-education', 'Zebulon', 'Quimby', 'Zebulon@valley.example', '916-555-0143', $2, $3)",
        LEA, user_id("primary"), NOW,
    )  # fmt: skip
    await connection.execute(
        "insert into demo_mails (id, at, recipient, subject, text, html) "
        "values ($1, $2, 'zebulon@valley.example', 'Role', 'Hello Zebulon', 'Hello Zebulon')",
        uuid.uuid4(), NOW,
    )  # fmt: skip
    await connection.execute(
        "insert into role_suggestions (id, program, school_year, organization_id, person_key, role, source_role, "
        "source_row, email, email_key, first_name, last_name, name_key, sent_by, sent_at, seen_on) values ($1, "
        "'caaspp', '2026-27', $2, '\\x01', 'test-administrator', 'teacher', 2, 'zebulon@valley.example', "
        "'zebulon@valley.example', 'Zebulon', 'Quimby', 'quimby zebulon', $3, $4, $5)",
        uuid.uuid4(), HILL, user_id("primary"), NOW, NOW.date(),
    )  # fmt: skip


@pytest.mark.rule("accounts-5", "state")
async def test_no_table_holds_a_name_or_an_address_of_an_erased_person(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock, owner_database_url: str
) -> None:
    await _lived(as_person, connection)
    owner = await open_connection(owner_database_url, "hallpass_owner")
    try:
        before = await _tables_that_tell(owner, TELLING)
        assert {"users", "contacts", "user_words", "suspensions", "signed_forms", "demo_mails"} <= before
        asked = {"user": str(user_id(NAME)), "expectedVersion": await version_of(connection, NAME)}
        deleted = await act(await as_person("primary"), "deleteUser", **asked, reason="Zebulon moved")
        assert deleted["userErrors"] == []
        assert not await _tables_that_tell(owner, TELLING) & {"users", "role_assignments", "user_words"}
        clock.now += timedelta(days=400)
        async with connection.transaction():
            assert await erase_deleted_people(Day(gateway, clock.now.date(), None), connection) == str(user_id(NAME))
        assert await _tables_that_tell(owner, TELLING) - KEPT == set()
    finally:
        await owner.close()


@pytest.mark.rule("accounts-5", "files")
async def test_a_file_that_named_her_goes_with_its_own_retention(
    as_person: AsCaller, connection: Connection, gateway: Gateway, owner_database_url: str
) -> None:
    await as_person("site")
    for days in (399, 401):
        identifier = uuid.uuid4()
        await connection.execute(
            "insert into uploads (id, format, program, school_year, file_name, uploaded_by, state, problems, "
            "created_at) values ($1, 'toms', 'caaspp', '2026-27', 'zebulon.csv', $2, 'applied', $3, $4)",
            identifier, user_id("primary"), [{"value": "zebulon"}], NOW - timedelta(days=days),
        )  # fmt: skip
        await connection.execute("insert into upload_chunks values ($1, 'file', 1, 'Zebulon'::bytea)", identifier)
    await _purge_files(gateway, connection)
    assert [await connection.fetchval(f"select count(*) from {one}") for one in ("uploads", "upload_chunks")] == [1, 1]
    await connection.execute("update uploads set created_at = $1", NOW - timedelta(days=401))
    await _purge_files(gateway, connection)
    owner = await open_connection(owner_database_url, "hallpass_owner")
    try:
        assert await _tables_that_tell(owner, (NAME,)) == set()
    finally:
        await owner.close()


async def _purge_files(gateway: Gateway, connection: Connection) -> None:
    position: str | None = Kept.FILES.value
    async with connection.transaction():
        while position is not None:
            position = await purge(Day(gateway, NOW.date(), position), connection)
