"""A process that closes a year is killed, at random points: nothing is lost, nothing is half done."""

import asyncio
import random
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from policy.ids import SchoolYear
from policy.school_years import ClosingPhase
from store.access_version import raise_epoch
from store.database import Connection, Pool
from store.year_closing import ClosedBy, Switch, closing_of, finish_closing, rehearse, switch_years
from tests.oidc.world import CAASPP

AT = datetime(2027, 7, 1, 12, tzinfo=UTC)
THIS, NEXT = SchoolYear("2026-27"), SchoolYear("2027-28")
SWITCH = Switch(CAASPP, THIS, NEXT, ())
PEOPLE = 3_000
FINISH = """
import asyncio, sys
from datetime import UTC, datetime
from store import year_closing
from store.database import open_pool
year_closing.ACCOUNTS_AT_ONCE = 40

async def main():
    pool = await open_pool(sys.argv[1], maximum=2)
    print("begun", flush=True)
    await year_closing.finish_closing(pool, "caaspp", "2026-27", lambda: datetime.now(UTC), batch=40)

asyncio.run(main())
"""
FILL = """
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
values ('00000000-0000-0000-0000-000000000001', 'state', null, null, 'CA', 'California', 'california');
insert into school_years (program, school_year, status)
values ('caaspp', '2026-27', 'current'), ('caaspp', '2027-28', 'upcoming');
insert into users (id, email, email_key, first_name, last_name, name_key, status)
select gen_random_uuid(), n || '@x.org', n || '@x.org', 'A', 'B', md5(n::text), 'active'
from generate_series(1, 3000) n;
insert into role_assignments (id, user_id, program, role, school_year, organization_id, name_key, status, origin)
select gen_random_uuid(), u.id, 'caaspp', 'test-administrator', '2026-27', o.id, u.name_key, 'active', 'operator'
from users u, organizations o;
insert into role_assignments (id, user_id, program, role, school_year, organization_id, name_key, status, origin)
select gen_random_uuid(), u.id, 'caaspp', 'test-administrator', '2027-28', o.id, u.name_key, 'active', 'operator'
from users u, organizations o order by u.id limit 1000;
"""


def begin_and_kill(database_url: str, seconds: float) -> None:
    """Another process goes on with the closing, for so long after its first statement could have been sent."""
    with subprocess.Popen([sys.executable, "-c", FINISH, database_url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.mark.rule("years")
async def test_a_closing_survives_the_death_of_its_process(
    pool: Pool, connection: Connection, database_url: str
) -> None:
    await connection.execute(FILL)
    async with connection.transaction():
        found = await rehearse(connection, SWITCH)
        await switch_years(
            connection, SWITCH, found.assignments, ClosedBy(AT, date(2027, 7, 1), operator_reason="the summer")
        )
        await raise_epoch(connection)
    rng, seen = random.Random(11), set[tuple[ClosingPhase, int, int]]()
    for _ in range(6):
        await asyncio.to_thread(begin_and_kill, database_url, rng.uniform(0.02, 0.35))
        closing = await closing_of(connection, CAASPP, THIS)
        assert closing is not None
        expired = await connection.fetchval("select count(*) from role_assignments where status = 'expired'")
        inactive = await connection.fetchval("select count(*) from users where status = 'inactive'")
        assert (closing.expired, closing.inactivated) == (expired, inactive), "each batch is counted as it is done"
        seen.add((closing.phase, expired, inactive))
    assert len(seen) > 1, "it was killed between batches"
    done = await finish_closing(pool, CAASPP, THIS, lambda: AT)
    assert (done.phase, done.expired, done.inactivated) == (ClosingPhase.DONE, PEOPLE, 2_000)
    assert (done.assignments, found.inactive) == (PEOPLE, 2_000)
