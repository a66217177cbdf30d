"""Databases to close a school year in: filled once and copied for each measurement, so that all begin alike."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from migrations.apply import migrate
from store.database import APP_ROLE, OWNER_ROLE, open_connection
from store.embedded import EmbeddedServer, start
from store.embedded.server import DATABASE

_COPY = "rollover"
_FILL_SECONDS = 3600
FILL = """
insert into school_years (program, school_year, status)
values ('caaspp', '2026-27', 'current'), ('caaspp', '2027-28', 'upcoming');
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
values ('00000000-0000-0000-0000-000000000001', 'state', null, null, 'CA', 'California', 'california');
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
select l.id, 'lea', '00000000-0000-0000-0000-000000000001', l.id, lpad(n::text, 7, '0') || '0000000', 'LEA ' || n,
    'lea ' || n
from (select n, gen_random_uuid() as id from generate_series(1, greatest($n / 1000, 1)) n) l;
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
select gen_random_uuid(), 'school', o.id, o.id, left(o.code, 7) || lpad(s::text, 7, '0'), 'School ' || s, 'school ' || s
from organizations o cross join generate_series(1, 10) s where o.level = 'lea';
create temporary table places on commit drop as
select row_number() over () as at, id, lea_id from organizations where level = 'school';
insert into users (id, email, email_key, first_name, last_name, name_key, status, password_hash)
select gen_random_uuid(), n || '@x.example', n || '@x.example', 'First', 'Last', md5(n::text), 'active', 'x'
from generate_series(1, $n) n;
insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status,
    origin)
select gen_random_uuid(), u.id, 'caaspp',
    (array['test-administrator', 'educator-roster', 'educator-test-site', 'test-examiner', 'site-coordinator'])[
        1 + u.at % 5],
    '2026-27', p.id, p.lea_id, u.name_key, 'active', 'operator'
from (select row_number() over () as at, id, name_key from users) u
join places p on p.at = 1 + (u.at / 100) % (select count(*) from places);
insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status,
    origin)
select gen_random_uuid(), user_id, program, role, '2027-28', organization_id, lea_id, name_key, 'active', 'operator'
from role_assignments where get_byte(uuid_send(user_id), 0) < 128;
"""
"""`$n` accounts, each with one role of the current year; half of them have one of the upcoming year as well."""


@dataclass(frozen=True, slots=True)
class Rollovers:
    """`assignments`: of the year that is closed, each of another account."""

    server: EmbeddedServer
    assignments: int

    @asynccontextmanager
    async def copy(self) -> AsyncGenerator[str]:
        """The serving role's address of a fresh copy, which is gone when the block ends."""
        await self._execute(f"drop database if exists {_COPY} with (force)")
        await self._execute(f"create database {_COPY} template {DATABASE} strategy file_copy")
        await self._execute("checkpoint")
        try:
            yield self.server.address(APP_ROLE, _COPY)
        finally:
            await self._execute(f"drop database if exists {_COPY} with (force)")

    async def _execute(self, text: str) -> None:
        connection = await self.server.connect_as_superuser()
        try:
            await connection.execute(text, timeout=_FILL_SECONDS)
        finally:
            await connection.close()


@asynccontextmanager
async def rollovers(directory: Path, assignments: int) -> AsyncGenerator[Rollovers]:
    """A server of its own with the database that copies are made of; stopped when the block ends."""
    server = await start(directory)
    try:
        await migrate(server.owner_url)
        connection = await open_connection(server.address(OWNER_ROLE, DATABASE), None)
        try:
            async with connection.transaction():
                await connection.execute(FILL.replace("$n", str(assignments)), timeout=_FILL_SECONDS)
            await connection.execute("vacuum analyze", timeout=_FILL_SECONDS)
        finally:
            await connection.close()
        yield Rollovers(server, assignments)
    finally:
        await server.stop()
