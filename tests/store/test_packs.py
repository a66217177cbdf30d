"""Packs in the database: the defaults once, what is stored stays, a replaced one is read by the next load."""

import asyncio

from policy.ids import ProgramCode, SchoolYear
from store.connection import Connection
from store.database import Pool
from store.packs import Stored, ensure_default_packs, load_packs, put_pack
from store.people import load_years
from store.shipped_packs import PackFile, pack_file, shipped_packs
from store.years import YearStatus, add_year

ISAT = ProgramCode("isat")
THIS, NEXT = SchoolYear("2025-26"), SchoolYear("2026-27")


def isat() -> PackFile:
    return next(file for file in shipped_packs() if file.pack.program == ISAT)


async def epoch(connection: Connection) -> int:
    return await connection.fetchval("select epoch from access_state")


async def test_the_default_packs_are_put_once_and_the_template_is_not(connection: Connection) -> None:
    before = await epoch(connection)
    async with connection.transaction():
        assert await ensure_default_packs(connection)
    raised = await epoch(connection)
    async with connection.transaction():
        assert not await ensure_default_packs(connection)
    packs = await load_packs(connection)
    assert packs.programs() == ("caaspp", "elpac", "isat", "state")
    assert [pack.from_year for pack in packs.all() if pack.program == "caaspp"] == ["2017-18", "2025-26"]
    assert before < raised == await epoch(connection)


async def test_processes_that_start_at_once_do_not_clash(pool: Pool) -> None:
    async def start() -> bool:
        async with pool.acquire() as connection, connection.transaction():
            return await ensure_default_packs(connection)

    assert sorted(await asyncio.gather(*(start() for _ in range(4)))) == [False, False, False, True]


async def test_a_stored_pack_stays_when_defaults_are_ensured(connection: Connection) -> None:
    other = pack_file(isat().source.replace('"District Test Coordinator"', '"District Lead"'), "isat.toml")
    async with connection.transaction():
        assert await put_pack(connection, other) is Stored.ADDED
        await ensure_default_packs(connection)
    pack = (await load_packs(connection)).at(ISAT, THIS)
    assert pack == other.pack


async def test_a_pack_is_replaced_only_where_its_text_differs(connection: Connection) -> None:
    longer = pack_file(isat().source + "\n# more\n", "isat.toml")
    async with connection.transaction():
        assert await put_pack(connection, isat()) is Stored.ADDED
        assert await put_pack(connection, isat()) is Stored.UNCHANGED
        assert await put_pack(connection, longer) is Stored.REPLACED


async def test_a_program_has_one_current_and_one_upcoming_year(connection: Connection) -> None:
    async with connection.transaction():
        assert await add_year(connection, ISAT, THIS, YearStatus.CURRENT)
        assert not await add_year(connection, ISAT, THIS, YearStatus.UPCOMING)
        assert not await add_year(connection, ISAT, NEXT, YearStatus.CURRENT)
        assert await add_year(connection, ISAT, NEXT, YearStatus.UPCOMING)
    years = await load_years(connection)
    assert (years.current, years.upcoming) == ({ISAT: THIS}, {ISAT: NEXT})
