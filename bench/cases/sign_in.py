"""Signing in: how near it comes to the password hash alone, and what it does to others who ask meanwhile."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx2

from bench.apps.hashing import HashingJob
from bench.callers import InSession
from bench.coordinator import session_of
from bench.errors import BenchError
from bench.hallpass import NAME, gateway
from bench.http import answer_to, request_bytes
from bench.http_contender import UNIT, loaded, output_of, sample_of
from bench.load.job import Job, LoadResult
from bench.servers import Server, running
from bench.trial import Case, Contender, Kind, Sample, Target, Trial
from bench.workshop import Workshop
from gateway.settings import Settings
from gateway.signin.hash_threads import hash_threads
from gateway.signin.passwords import HASHER
from policy.grant import ActiveRole
from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from store.database import Connection, open_connection

_PASSWORD = "bench harbor violet seventeen"
_PEOPLE = 4
_EACH = 1
"""Sign-ins of one person at the same moment. A fifth that hasn't succeeded yet would be held for guessing, and those
that a measurement's end cut off are still counted when the next one begins."""
_AT_ONCE = _PEOPLE * _EACH
_OTHERS_PER_SECOND = 500.0
_OTHERS_CONNECTIONS = 16
_THREADS = hash_threads(Settings(Path(), ""))
"""As many as a gateway has by default."""
_HASH = "the hash alone"
_ALONE = "without sign-ins"
_VIEWER = b'{"query":"{ viewer { id roles { program } } }"}'
_SOME = """select distinct on (u.id) u.id, u.email, a.program, a.role, a.school_year
from role_assignments a join users u on u.id = a.user_id
where a.role = 'test-administrator' and a.status = 'active' and u.status = 'active' order by u.id limit 4"""


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    state = await workshop.smallest_state()
    kept = HASHER.hash(_PASSWORD)
    connection = await open_connection(state.url)
    try:
        emails, cookie = await _people(connection, kept)
    finally:
        await connection.close()
    async with running(gateway(state.directory), workshop.folder) as server:
        signing_in = [await _sign_in(server, email) for email in emails]
        asking = await _question(server, await InSession(cookie).headers())
        hashing = HashingJob(_PASSWORD, kept, _THREADS, _AT_ONCE, 1)
        yield [
            Trial(
                "password sign-in, each with a session of its own", UNIT,
                [Contender(NAME, Kind.OURS, lambda seconds: _all(signing_in, seconds)), _hash(hashing)],
                targets=[Target(_HASH, 0.9, "issue 5")],
                notes=[f"{_AT_ONCE} sign-ins at a time; {_THREADS} hash threads in both."],
            ),
            Trial(
                f"p99 of {_OTHERS_PER_SECOND:g} other requests a second while people sign in", "ms",
                [
                    Contender("with sign-ins", Kind.OURS, lambda seconds: _beside(asking, signing_in, seconds)),
                    Contender(_ALONE, Kind.LIMIT, lambda seconds: _p99(replace(asking, seconds=seconds))),
                ],
                more_is_better=False, targets=[Target(_ALONE, 5, "issue 5", at_most=True)],
            ),
        ]  # fmt: skip


async def _people(connection: Connection, kept: str) -> tuple[list[str], str]:
    """Addresses of people whose role asks for no second step, with the bench's password, and a session of the first."""
    rows = await connection.fetch(_SOME)
    if len(rows) < _PEOPLE:
        raise BenchError("The demo state has too few test administrators.")
    for row in rows:
        await connection.execute("update users set password_hash = $2 where id = $1", row["id"], kept)
    first = rows[0]
    role = ActiveRole(ProgramCode(first["program"]), RoleSlug(first["role"]), SchoolYear(first["school_year"]))
    return [row["email"] for row in rows], await session_of(connection, UserId(first["id"]), role)


async def _sign_in(server: Server, email: str) -> Job:
    async with httpx2.AsyncClient(base_url=f"http://localhost:{server.port}") as http:
        page = await http.get("/signin")
        token = page.text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    form = urlencode({"email": email, "password": _PASSWORD, "next": "/account", "csrf": token}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
    request = request_bytes("POST", "/signin", server.port, form, headers)
    answer = await answer_to(server.port, request)
    if answer.status != 303 or answer.location != "/account":
        raise BenchError(f"Nobody was signed in: {answer.status} {answer.body.decode()[:500]}")
    return Job(server.port, request, _EACH, 1, status=303)


async def _question(server: Server, headers: Mapping[str, str]) -> Job:
    request = request_bytes("POST", "/graphql", server.port, _VIEWER, {**headers, "Content-Type": "application/json"})
    answer = await answer_to(server.port, request)
    if answer.status != 200 or b'"errors"' in answer.body:
        raise BenchError(f"The viewer wasn't told: {answer.status} {answer.body.decode()[:500]}")
    return Job(server.port, request, _OTHERS_CONNECTIONS, 1, least_bytes=20, rate=_OTHERS_PER_SECOND)


def _hash(job: HashingJob) -> Contender:
    async def measure(seconds: float) -> Sample:
        given = replace(job, seconds=seconds).to_json()
        output = await output_of(sys.executable, "-m", "bench.apps.hashing", given=given, seconds=seconds)
        return sample_of(LoadResult.from_json(output))

    return Contender(_HASH, Kind.LIMIT, measure)


async def _all(jobs: Sequence[Job], seconds: float) -> Sample:
    """Everybody signs in at once; the rates together."""
    samples = [sample_of(one) for one in await asyncio.gather(*(loaded(replace(job, seconds=seconds)) for job in jobs))]
    wrong = next((one for one in samples if one.errors), samples[0])
    return replace(wrong, value=sum(one.value for one in samples), errors=sum(one.errors for one in samples))


async def _beside(asking: Job, signing_in: Sequence[Job], seconds: float) -> Sample:
    """The p99 of the others while as many sign in as the hash threads let."""
    others, _ = await asyncio.gather(_p99(replace(asking, seconds=seconds)), _all(signing_in, seconds))
    return others


async def _p99(job: Job) -> Sample:
    sample = sample_of(await loaded(job))
    return replace(sample, value=sample.details["p99_us"] / 1000)


CASE = Case("sign-in", "Signing in with a password", _prepare)
