"""The brake on guessing: shared by all processes, atomic, and nothing that strangers do locks anybody out."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.state import Gateway
from policy.attempts import ACCOUNT, ADDRESS
from store.attempts import Counted, Refused, attempts_succeeded, take_attempts
from store.database import Connection, Pool
from tests.oidc.world import ISSUER, NOW, PARK, PASSWORD, Browser, Clock, csrf, person
from tests.waiting import as_far_as_it_gets


@pytest.fixture
def from_address(app_of: Callable[[Gateway], Starlette], gateway: Gateway) -> Callable[..., Browser]:
    """A browser at an address, at a process of its own."""

    def made(address: str, **settings: Any) -> Browser:
        changed = replace(gateway, settings=replace(gateway.settings, **settings))
        transport = httpx2.ASGITransport(app=app_of(changed), client=(address, 1234))
        return Browser(httpx2.AsyncClient(transport=transport, base_url=ISSUER))

    return made


@pytest.mark.checklist("44 per account")
def test_delays_grow_from_half_a_minute_to_an_hour() -> None:
    waits = [ACCOUNT.wait_after(failures).total_seconds() for failures in range(4, 14)]
    assert waits == [0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


@pytest.mark.checklist(44)
async def test_the_database_counts_as_the_table_says(connection: Connection) -> None:
    now = NOW
    for failures in range(1, 15):
        assert await take_attempts(connection, [Counted(b"k", ACCOUNT)], now) is None
        wait = ACCOUNT.wait_after(failures)
        if wait:
            assert await take_attempts(connection, [Counted(b"k", ACCOUNT)], now) == Refused(wait)
        now += wait
    await attempts_succeeded(connection, [b"k"])
    assert await take_attempts(connection, [Counted(b"k", ACCOUNT)], now) is None


@pytest.mark.checklist("44 per account")
async def test_after_a_hundred_failures_only_other_ways_work(connection: Connection) -> None:
    """NIST SP 800-63B-4 3.2.2."""
    now = NOW
    for _ in range(100):
        assert await take_attempts(connection, [Counted(b"k", ACCOUNT)], now) is None
        now += timedelta(hours=1)
    assert await take_attempts(connection, [Counted(b"k", ACCOUNT)], now + timedelta(days=30)) == Refused(None)


@pytest.mark.checklist(44)
async def test_attempts_at_the_same_moment_count_each_in_any_process(pool: Pool) -> None:
    async def one() -> Refused | None:
        async with pool.acquire() as connection:
            return await take_attempts(connection, [Counted(b"k", ACCOUNT)], NOW)

    taken = await asyncio.gather(*(one() for _ in range(20)))
    assert taken.count(None) == ACCOUNT.free


async def test_an_address_forgets_after_an_hour_and_gets_successes_back(connection: Connection) -> None:
    for _ in range(ADDRESS.free):
        assert await take_attempts(connection, [Counted(b"a", ADDRESS)], NOW) is None
    assert await take_attempts(connection, [Counted(b"a", ADDRESS)], NOW) is not None
    await attempts_succeeded(connection, [], [Counted(b"a", ADDRESS)])
    assert await take_attempts(connection, [Counted(b"a", ADDRESS)], NOW) is None
    later = NOW + timedelta(hours=1, seconds=1)
    assert [await take_attempts(connection, [Counted(b"a", ADDRESS)], later) for _ in range(ADDRESS.free)] == [
        None
    ] * ADDRESS.free


async def test_what_is_refused_by_the_first_count_is_not_counted_by_the_second(connection: Connection) -> None:
    both = [Counted(b"a", ADDRESS), Counted(b"k", ACCOUNT)]
    for _ in range(ACCOUNT.free):
        assert await take_attempts(connection, both, NOW) is None
    assert await take_attempts(connection, both, NOW) == Refused(ACCOUNT.first)  # by the second; the first has counted
    failures = "select failures from failed_attempts where key = $1"
    assert await connection.fetchval(failures, b"a") == ACCOUNT.free + 1
    await connection.execute(
        "update failed_attempts set failures = 60, open_at = $1 where key = 'a'", NOW + ADDRESS.first
    )
    assert await take_attempts(connection, both, NOW) == Refused(ADDRESS.first)
    assert await connection.fetchval(failures, b"k") == ACCOUNT.free
    await attempts_succeeded(connection, [b"k"], [both[0]])
    assert (await connection.fetchval(failures, b"a"), await connection.fetchval(failures, b"k")) == (59, None)


async def test_who_succeeds_and_who_tries_wait_for_rows_in_one_order(pool: Pool, connection: Connection) -> None:
    """In another order each would wait for the other; an address is everybody's in a district."""
    both = [Counted(b"address", ADDRESS), Counted(b"account", ACCOUNT)]
    await take_attempts(connection, both, NOW)

    async def tries() -> Refused | None:
        async with pool.acquire() as mine:
            return await take_attempts(mine, both, NOW)

    async def succeeds() -> None:
        async with pool.acquire() as mine, mine.transaction():
            await attempts_succeeded(mine, [b"account"], both[:1])

    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("select from failed_attempts where key = 'address' for update")
        first = asyncio.create_task(tries())
        await as_far_as_it_gets(connection, first)
        second = asyncio.create_task(succeeds())
        await as_far_as_it_gets(connection, second, waiting=2)
    assert await asyncio.gather(first, second) == [None, None]


@pytest.mark.checklist(44)
async def test_processes_and_restarts_share_it(
    gateway: Gateway, connection: Connection, from_address: Callable[..., Browser]
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    for number in range(5):
        assert (await from_address(f"203.0.113.{number}").sign_in("ana", password="wrong")).status_code == 401
    assert (await from_address("203.0.113.9").sign_in("ana")).status_code == 429


@pytest.mark.checklist("44 no lock-out")
async def test_strangers_lock_nobody_out_of_her_own_browser(
    gateway: Gateway, connection: Connection, from_address: Callable[..., Browser]
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    hers = from_address("198.51.100.7")
    assert (await hers.sign_in("ana")).status_code == 303
    for number in range(7):
        await from_address(f"203.0.113.{number}").sign_in("ana", password="wrong")
    hers.http.cookies.delete("hallpass-session")
    assert (await hers.sign_in("ana")).status_code == 303
    for _ in range(5):
        assert (await hers.sign_in("ana", password="wrong")).status_code == 401
    assert (await hers.sign_in("ana")).status_code == 429, "her own device has a count of its own"


@pytest.mark.checklist("44 per address")
async def test_one_address_is_slowed_down_over_all_accounts(
    gateway: Gateway, connection: Connection, from_address: Callable[..., Browser]
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    sprayer = from_address("203.0.113.1")
    page = await sprayer.http.get("/signin")
    for number in range(ADDRESS.free):
        form = {"email": f"p{number}@example.org", "password": "wrong", "csrf": csrf(page)}
        assert (await sprayer.http.post("/signin", data=form)).status_code == 401
    assert (await sprayer.sign_in("ana")).status_code == 429
    assert (await from_address("203.0.113.2").sign_in("ana")).status_code == 303


@pytest.mark.parametrize(
    ("peers", "forwarded", "same"),
    [
        (("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), (), True),
        (("2001:db8:1:2::1", "2001:db8:1:3::1"), (), False),
        (("203.0.113.1", "::ffff:203.0.113.1"), (), True),
        (("10.0.0.1", "10.0.0.2"), ("203.0.113.5", "203.0.113.5"), True),
        (("10.0.0.1", "10.0.0.1"), ("203.0.113.5", "203.0.113.6"), False),
        (("10.0.0.1", "10.0.0.1"), ("1.1.1.1, 203.0.113.5", "8.8.8.8, 203.0.113.5, 10.0.0.9"), True),
        (("203.0.113.1", "203.0.113.1"), ("8.8.8.8", "9.9.9.9"), True),
        (("10.0.0.1", "10.0.0.1"), ("203.0.113.5:4711", "203.0.113.5:4712"), True),
        (("10.0.0.1", "10.0.0.1"), ("203.0.113.5:4711", "203.0.113.6:4711"), False),
        (("10.0.0.1", "10.0.0.1"), ("203.0.113.5:1", "203.0.113.5, 10.0.0.9:2"), True),
        (("10.0.0.1", "10.0.0.1"), ("[2001:db8:1:2::1]:4711", "[2001:db8:1:2::2]"), True),
        (("10.0.0.1", "10.0.0.1"), ("[2001:db8:1:2::1]:4711", "2001:db8:1:3::1"), False),
    ],
)
@pytest.mark.checklist(44, 37)
async def test_what_one_address_is(
    gateway: Gateway, connection: Connection, from_address: Callable[..., Browser], peers: tuple[str, str],
    forwarded: tuple[str, ...], same: bool,
) -> None:  # fmt: skip
    """An IPv6 /64 is one; a proxy's word counts only where the settings name it, and only for the hop before it."""
    for place, peer in enumerate(peers):
        browser = from_address(peer, trusted_proxies=(ip_network("10.0.0.0/8"),))
        headers = {"X-Forwarded-For": forwarded[place]} if forwarded else {}
        page = await browser.http.get("/signin")
        form = {"email": f"p{place}@example.org", "password": "wrong", "csrf": csrf(page)}
        assert (await browser.http.post("/signin", data=form, headers=headers)).status_code == 401
    counted = await connection.fetch("select failures from failed_attempts order by failures desc")
    assert [row["failures"] for row in counted] == ([2, 1, 1] if same else [1, 1, 1, 1])


@pytest.mark.checklist("43 sign-in", "43 time of sign-in")
async def test_known_and_unknown_accounts_cost_the_same_statements_and_answer_alike(
    gateway: Gateway, connection: Connection, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    seen: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        _watch(monkeypatch, name, seen)
    answers: list[tuple[int, list[str], list[str]]] = []
    for email in ("ana@example.org", "nobody@example.org"):
        page = await browser.http.get("/signin")
        seen.clear()
        answer = await browser.http.post("/signin", data={"email": email, "password": "x", "csrf": csrf(page)})
        answers.append((answer.status_code, sorted(answer.headers), list(seen)))
    assert answers[0] == answers[1]
    assert len(answers[0][2]) >= 2


def _watch(monkeypatch: pytest.MonkeyPatch, name: str, seen: list[str]) -> None:
    from store.database import ServingConnection

    real = getattr(ServingConnection, name)

    async def watched(self: Any, query: str, *arguments: Any, **more: Any) -> Any:
        seen.append(query)
        return await real(self, query, *arguments, **more)

    monkeypatch.setattr(ServingConnection, name, watched)


@pytest.mark.checklist(47)
async def test_a_reset_by_mail_ends_what_strangers_counted(
    gateway: Gateway, connection: Connection, from_address: Callable[..., Browser], clock: Clock
) -> None:
    from gateway.signin.sessions import token_hash
    from store.account_links import LinkPurpose, insert_link
    from tests.oidc.world import ident

    await person(connection, "ana", ("site-coordinator", PARK))
    for number in range(6):
        await from_address(f"203.0.113.{number}").sign_in("ana", password="wrong")
    hers = from_address("198.51.100.7")
    assert (await hers.sign_in("ana")).status_code == 429
    until = clock.now + timedelta(minutes=15)
    await insert_link(
        connection, token_hash("t" * 43), ident("ana"), purpose=LinkPurpose.RESET, now=clock.now, expires_at=until  # type: ignore[arg-type]
    )  # fmt: skip
    page = await hers.http.get("/signin/reset/choose", params={"token": "t" * 43})
    chosen = "harbor violet seventeen kites"
    form = {"csrf": csrf(page), "token": "t" * 43, "password": chosen, "again": chosen}
    assert (await hers.http.post("/signin/reset/choose", data=form)).status_code == 200
    assert (await hers.sign_in("ana", password=PASSWORD)).status_code == 401
    assert (await hers.sign_in("ana", password=chosen)).status_code == 303
