"""A varied state upon the small one: many people, roles, years, standings and groups, and callers of every kind."""

import random
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from starlette.applications import Starlette

from gateway.cookies import Cookie
from policy.facts import Level
from policy.grant import ActiveRole
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear
from policy.packs import Packs
from store.access_version import raise_epoch
from store.database import Connection, Pool
from store.keys_of import email_key, name_key, text_key
from store.pages import write_cursor
from store.relying_parties import RelyingParty
from tests.graphql.documents import Words
from tests.graphql.world import BEACH, NEXT_YEAR, session
from tests.oidc.world import (
    CAASPP,
    ELPAC,
    HILL,
    ISSUER,
    LEA,
    OTHER_LEA,
    PARK,
    REPORTING,
    SCORING,
    STATE,
    YEAR,
    Browser,
    bearer,
    http_of,
    ident,
    organization,
    token_request,
)

PAST = SchoolYear("2025-26")
STATEWIDE = ProgramCode("state")
CHARTER, CHARTER_SCHOOL = OrganizationId(ident("charter")), OrganizationId(ident("charter school"))
SITES = tuple(OrganizationId(ident(f"site {number}")) for number in range(9))
FIRST = ("Ana", "Bo", "Chloé", "Dee", "Élan")
LAST = ("Ávila", "Bell", "avila", "Zúñiga", "O'Neil", "Ng", "Example")
_LEVELS: dict[OrganizationId, Level] = {
    STATE: Level.STATE, LEA: Level.LEA, OTHER_LEA: Level.LEA, CHARTER: Level.LEA, CHARTER_SCHOOL: Level.SCHOOL,
    PARK: Level.SCHOOL, HILL: Level.SCHOOL, BEACH: Level.SCHOOL, **dict.fromkeys(SITES, Level.SCHOOL),
}  # fmt: skip
SPECIAL: dict[str, tuple[tuple[str, OrganizationId, ProgramCode, str, str], ...]] = {
    "help-desk": (("help-desk", STATE, STATEWIDE, "", "active"),),
    "state-admin": (("state-administrator", STATE, STATEWIDE, "", "active"),),
    "auditor": (("auditor", STATE, STATEWIDE, "", "active"), ("lea-coordinator", LEA, CAASPP, YEAR, "active")),
    "privacy": (("privacy-officer", STATE, STATEWIDE, "", "active"),),
    "integrator": (("integration-administrator", STATE, STATEWIDE, "", "active"),),
    "many-sites": tuple(("site-coordinator", site, CAASPP, YEAR, "active") for site in (*SITES, BEACH)),
    "two-leas": tuple(("lea-coordinator", lea, CAASPP, YEAR, "active") for lea in (LEA, OTHER_LEA)),
    "past": (("lea-coordinator", LEA, CAASPP, PAST, "active"),),
    "coming": (("lea-coordinator", OTHER_LEA, CAASPP, NEXT_YEAR, "active"),),
    "held": (("site-coordinator", PARK, CAASPP, YEAR, "suspended"), ("test-examiner", HILL, ELPAC, YEAR, "active")),
    "over": (("site-coordinator", HILL, CAASPP, YEAR, "expired"), ("educator-roster", PARK, CAASPP, YEAR, "active")),
    "charter": (("lea-coordinator", CHARTER, CAASPP, YEAR, "active"),),
    "charter-site": (("site-coordinator", CHARTER_SCHOOL, ELPAC, YEAR, "active"),),
    "roleless": (),
}
IN_SESSION = (
    "primary", "superintendent", "site", "teacher", "educator", "additional", "unsigned", "far-lead", "shared",
    *SPECIAL,
)  # fmt: skip
THROUGH_TOKENS = ("primary", "site", "teacher", "shared", "many-sites", "two-leas", "auditor", "far-lead")


class Varied:
    """Draws the state's random part."""

    def __init__(self, packs: Packs, seed: int) -> None:
        self._rng = random.Random(seed)
        self._packs = packs

    async def enrich(self, connection: Connection, people: int = 60) -> None:
        """Needs `world.populate`'s state."""
        await _organizations(connection)
        async with connection.transaction():
            for program in (CAASPP, ELPAC):
                await connection.execute(
                    "insert into school_years (program, school_year, status) values ($1, $2, 'closed')", program, PAST
                )
            for name, roles in SPECIAL.items():
                await self._special(connection, name, roles)
            for number in range(people):
                await self._person(connection, number)
            await self._groups(connection)
            await raise_epoch(connection)

    async def _special(self, connection: Connection, name: str, roles: Sequence[tuple[Any, ...]]) -> None:
        user = await self._user(connection, f"{name}@valley.example", name.title(), "Example", "active")
        await _sign(connection, user)
        for role, where, program, year, status in roles:
            await self._assignment(connection, user, (role, where, program, year), status, None)

    async def _person(self, connection: Connection, number: int) -> None:
        rng = self._rng
        status = rng.choice(("active",) * 7 + ("invited", "inactive", "suspended", "deleted"))
        first, last = rng.choice(FIRST), rng.choice(LAST)
        user = await self._user(connection, f"{first}.{number}@Straße.example", first, last, status)
        if rng.random() < 0.8:
            await _sign(connection, user)
        held: set[tuple[Any, ...]] = set()
        for _ in range(rng.choice((0, 1, 1, 2, 3, 5))):
            role = self._role()
            if role not in held:
                held.add(role)
                standing = rng.choice(("active",) * 5 + ("suspended", "expired"))
                standing = "expired" if status == "deleted" else standing  # who is erased holds nothing any more
                last_day = rng.choice((None, None, None, date(2026, 11, 21), date(2026, 11, 22), date(2027, 6, 1)))
                await self._assignment(connection, user, role, standing, last_day)

    def _role(self) -> tuple[str, OrganizationId, ProgramCode, str]:
        rng = self._rng
        if rng.random() < 0.03:
            return "help-desk", STATE, STATEWIDE, ""
        program, year = rng.choice((CAASPP, CAASPP, ELPAC)), rng.choice((YEAR, YEAR, YEAR, PAST, NEXT_YEAR))
        pack = self._packs.at(program, YEAR)
        assert pack is not None
        role = rng.choice(sorted(pack.roles.values(), key=lambda one: one.slug))
        where = rng.choice([one for one, level in _LEVELS.items() if level in role.levels])
        return role.slug, where, program, year

    async def _user(self, connection: Connection, address: str, first: str, last: str, status: str) -> uuid.UUID:
        user = ident(f"person {address.removesuffix('@valley.example')}")
        given = None if status == "deleted" else address
        await connection.execute(
            "insert into users (id, email, email_key, first_name, last_name, name_key, status, phone) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8)",
            user, given, given and email_key(given), first, last, name_key(last, first), status,
            self._rng.choice((None, "916-555-0100")),
        )  # fmt: skip
        return user

    async def _assignment(
        self, connection: Connection, user: uuid.UUID, role: tuple[Any, ...], status: str, last_day: date | None
    ) -> None:
        slug, where, program, year = role
        giver = self._rng.choice((None, None, ident("person primary"), ident("person far-lead")))
        await connection.execute(
            """insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key,
                   status, last_day, origin, assigned_by, assigned_under, assigned_at)
               select $1, u.id, $3, $4, $5, o.id, o.lea_id, u.name_key, $7, $8, $9, $10, $11, $12
               from users u, organizations o where u.id = $2 and o.id = $6""",
            ident(f"assignment {user} {role}"), user, program, slug, year, where, status, last_day,
            "operator" if giver is None else "person", giver, None if giver is None else "lea-coordinator",
            datetime(2026, 9, 1, 12, 0, 0, self._rng.choice((0, 250_000)), tzinfo=UTC),
        )  # fmt: skip

    async def _groups(self, connection: Connection) -> None:
        users = [row["id"] for row in await connection.fetch("select id from users order by id")]
        schools = [one for one, level in _LEVELS.items() if level is Level.SCHOOL]
        for number in range(24):
            group, where = ident(f"group {number}"), self._rng.choice(schools)
            await connection.execute(
                """insert into student_groups (id, organization_id, lea_id, school_year, name, name_key, subject)
                   select $1, id, lea_id, $3, $4, $5, $6 from organizations where id = $2""",
                group, where, self._rng.choice((YEAR, YEAR, PAST)), f"Grüppe {number}", text_key(f"Grüppe {number}"),
                self._rng.choice((None, "ELA")),
            )  # fmt: skip
            for user in self._rng.sample(users, 6):
                await connection.execute(
                    "insert into student_group_users (group_id, user_id) values ($1, $2)", group, user
                )


async def _organizations(connection: Connection) -> None:
    await organization(connection, CHARTER, Level.LEA, STATE, CHARTER, "19000000000001", "Ávila Charter")
    await organization(connection, CHARTER_SCHOOL, Level.SCHOOL, CHARTER, CHARTER, "19000000000001", "Ávila Charter")
    for number, site in enumerate(SITES):
        await organization(connection, site, Level.SCHOOL, LEA, LEA, f"1964733{number:07}", f"Site {number}")
    await connection.execute("update organizations set active = false where id = any($1)", [SITES[3], CHARTER_SCHOOL])


async def _sign(connection: Connection, user: uuid.UUID) -> None:
    await connection.executemany(
        "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name) "
        "values ($1, $2, $3, $4, '1', 'me')",
        [(user, p, form, YEAR) for p in (CAASPP, ELPAC) for form in ("security-affidavit", "security-agreement")],
    )


async def callers(app: Starlette, http: httpx2.AsyncClient, pool: Pool) -> dict[str, dict[str, str]]:
    """The headers of callers of every kind, by what they are: sessions, tokens of both role modes, systems, nobody."""
    found: dict[str, dict[str, str]] = {"nobody": {}}
    async with pool.acquire() as connection:
        for name in IN_SESSION:
            found[name] = _cookie(await session(connection, name))
        for name, role, program in (("auditor", "lea-coordinator", CAASPP), ("shared", "test-examiner", ELPAC)):
            active = ActiveRole(program, RoleSlug(role), YEAR)
            found[f"{name} as {role}"] = _cookie(await session(connection, name, active))
    for client in (REPORTING, SCORING):
        form = {"grant_type": "client_credentials", "scope": "directory.read", "resource": ISSUER}
        system = await token_request(http, client, form)
        found[f"system {client.label}"] = bearer(system.json()["access_token"])
        for name in THROUGH_TOKENS:
            async with pool.acquire() as connection:
                cookie = await session(connection, name)
            token = await _token(app, cookie, client)
            if token is not None:
                found[f"{name} through {client.label}"] = bearer(token)
    return found


def _cookie(value: str) -> dict[str, str]:
    return {"Cookie": f"{Cookie.SESSION}={value}"}


async def _token(app: Starlette, cookie: str, client: RelyingParty) -> str | None:
    """None: she has nothing in that relying party's systems."""
    async with http_of(app) as own:
        own.cookies.set(Cookie.SESSION, cookie)
        browser = Browser(own, client)
        answer = await browser.authorize(scope="openid directory.read", resource=ISSUER)
        query = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        if "code" not in query:
            return None
        redeemed = await browser.redeem(query["code"][0])
        return redeemed.json()["access_token"]


async def words(connection: Connection) -> Words:
    """What documents about this state may say."""
    users = await connection.fetch("select id, name_key, email from users order by id")
    places = await connection.fetch("select id, name_key, code from organizations order by id")
    roles = await connection.fetch("select * from role_assignments order by id")
    groups = await connection.fetch("select * from student_groups order by id")
    ids = [str(row["id"]) for row in (*users, *places, *roles[::5], *groups[::3])]
    values = {
        "ID": [*ids, str(ident("nobody at all")), "nonsense", "", ids[0].upper(), ids[0].replace("-", "")],
        "Int": [1, 2, 3, 5, 50, 100], "first": [1, 1, 2, 2, 3, 5, 20, 50, 100, 1, 2, 3, 4, 7, 0, 101],
        "name": ["a", "Áv", "exa", "z", "example t", "site", "", "%", "O'N"],
        "email": [*(row["email"] for row in users[::7] if row["email"]), "a", "BO.", "t", "", "@",
                  "primary@valley.example"],
        "namePart": ["a", "Áv", "exa", "zuniga a", "example t", "ana a", "", "%", "O'N", "n"],
        "contains": ["ana", "ÁVI", "xamp", "alley.ex", "'ne", "example @valley", "%%%", "a_b", "", "no such one"],
        "code": [*(row["code"] for row in places), "caaspp", "elpac", "state", "nothing", ""],
        "program": ["caaspp", "elpac", "state", "nothing", ""],
        "role": ["lea-coordinator", "site-coordinator", "test-administrator", "help-desk", "nothing", ""],
        "schoolYear": [YEAR, PAST, NEXT_YEAR, "2017-18", ""], "organization": [str(row["id"]) for row in places],
        "permission": ["hallpass:users:view", "cers:results:view"], "Permission": ["hallpass:users:view"],
        "assessment": ["summative"], "atLeast": ["1"], "AccessVersion": ["1"], "Boolean": [True, False],
        "String": ["a", ""], "DateTime": ["2026-11-01T08:00:00Z", "2026-11-22T11:59:00Z", "2099-01-01T00:00:00Z"],
    }  # fmt: skip
    cursors = {
        "users": [write_cursor("users", row["name_key"], str(row["id"])) for row in users],
        "organizations": [write_cursor("organizations", row["name_key"], str(row["id"])) for row in places],
        "assignments": [
            write_cursor("assignments", row["program"], row["school_year"], str(row["organization_id"]), row["role"])
            for row in roles
        ],
        "student groups": [write_cursor("student groups", row["school_year"], row["name_key"]) for row in groups],
    }
    return Words(values, cursors)
