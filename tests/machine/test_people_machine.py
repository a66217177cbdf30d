"""Coordinators of two LEAs and two programs do what comes to mind, by pages and by files; the rules hold throughout.

After each step, on real PostgreSQL: nobody gave what she may not give, took from whom she doesn't stand over, or
touched an account with a role outside of her reach; what was refused changed nothing; the audit explains each
difference; lists show whom `decide` says.
"""

import asyncio
import itertools
import os
import secrets
import tempfile
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from gateway.app import create_app
from gateway.cookies import Cookie
from gateway.packs_in_force import PacksInForce
from gateway.settings import Settings
from gateway.state import Gateway
from policy.ids import ProgramCode
from store.database import Connection, Pool, open_pool
from store.packs import ensure_default_packs
from store.uploads import UploadState
from tests.databases import Databases
from tests.graphql.world import BEACH, CAASPP, ELPAC, NEXT_YEAR, Caller, give, person, populate, session, user_id
from tests.machine.later_steps import LaterSteps, give_last_year
from tests.machine.oracle import IDENTITY, PLACES, ROLES, Scene, always, gives, inside, over, title, wrongs
from tests.oidc.world import HILL, ISSUER, LEA, OTHER_LEA, PARK, YEAR, Clock, build, http_of
from tests.uploads.files import FAR_CODE, HILL_CODE, LEA_CODE, PARK_CODE, Sending, applied, toms

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
EXAMPLES: Final = int(os.environ.get("HALLPASS_MACHINE_EXAMPLES", "12"))
ACTORS: Final = (
    "superintendent", "primary", "additional", "second", "elpac-lead", "site", "hill-site", "far-lead", "far-site",
    "shared", "teacher",
)  # fmt: skip
CODES: Final = {LEA: LEA_CODE, PARK: PARK_CODE, HILL: HILL_CODE, BEACH: FAR_CODE, OTHER_LEA: "01611190000000"}
LABELS: Final = ("Test Administrator", "Test Examiner", "Site CAASPP Coordinator", "Educator - Test Site",
                 "LEA CAASPP Coordinator", "Educator - District", "Tools for Teachers Only")  # fmt: skip

_actors = st.sampled_from(ACTORS)
_people = st.integers(0, 30)
_programs = st.sampled_from(["caaspp", "elpac"])
_places = st.sampled_from(sorted(PLACES))
_years = st.sampled_from([YEAR, YEAR, YEAR, NEXT_YEAR])


class World:
    """A database of its own with the gateway over it."""

    def __init__(self, databases: Databases, template: str) -> None:
        self._databases = databases
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.name = databases.copy_of(template)
        self.run(self._open())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    async def _open(self) -> None:
        self.pool: Pool = await open_pool(self._databases.url(self.name), maximum=4)
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        hashing = self._stack.enter_context(ThreadPoolExecutor(1))
        async with self.pool.acquire() as connection:
            packs = await PacksInForce.load(connection)
            self.sessions = {name: await session(connection, name) for name in ACTORS}
        self.gateway = Gateway(
            settings=Settings(data_dir=Path(folder), issuer=ISSUER, second_step="optional", new_device_code=False),
            secret_key=b"k" * 32, pool=self.pool, packs=packs,
            now=Clock(), new_id=uuid.uuid4, new_token=lambda: secrets.token_urlsafe(32), hashing=hashing,
        )  # fmt: skip
        app = create_app(self.gateway.settings, self.gateway)
        self.http = await self._stack.enter_async_context(http_of(app))

    def close(self) -> None:
        self.run(self._stack.aclose())
        self.pool.terminate()
        self._runner.close()
        self._databases.drop(self.name)

    async def ask(self, name: str, document: str, **variables: Any) -> dict[str, Any]:
        """The answer; empty for somebody whose session has ended, who signs in again if she still can."""
        caller = Caller(self.http, {"Cookie": f"{Cookie.SESSION}={self.sessions[name]}"})
        response = await caller.post(document, **variables)
        if response.status_code == 401:
            async with self.pool.acquire() as connection:
                self.sessions[name] = await session(connection, name)
            return {}
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def scene(self) -> Scene:
        async with self.pool.acquire() as connection:
            users = await connection.fetch(f"select id, status, version, {', '.join(IDENTITY)} from users")
            held = await connection.fetch(
                'select id, user_id, program, role, school_year, organization_id, lea_id, status, "primary", last_day '
                "from role_assignments"
            )
        return Scene({one["id"]: dict(one.items()) for one in users}, {one["id"]: dict(one.items()) for one in held})

    async def events(self, after: int) -> list[dict[str, Any]]:
        async with self.pool.acquire() as connection:
            rows = await connection.fetch("select * from audit_events where id > $1 order by id", after)
        return [dict(row.items()) for row in rows]

    async def last_event(self) -> int:
        async with self.pool.acquire() as connection:
            return await connection.fetchval("select coalesce(max(id), 0) from audit_events")


class People(LaterSteps):
    """Steps of random actors; each is judged by what it has changed."""

    databases: ClassVar[Databases]
    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count(1)
        self.world = World(self.databases, self.template)
        self.before: Scene = self.world.run(self.world.scene())

    def teardown(self) -> None:
        self.world.close()

    # ---------------------------------------------------------------------------------------------------- by pages

    @rule(actor=_actors, who=_people, program=_programs, role=st.integers(0, 8), where=_places, year=_years)
    def assign(self, actor: str, who: int, program: str, role: int, where: str, year: str) -> None:
        self._mutate(
            actor, "assignRole", "AssignRoleInput", user=self._user(who), program=program,
            role=ROLES[program][role % len(ROLES[program])], organization=str(PLACES[where]), schoolYear=year,
            idempotencyKey=str(uuid.uuid4()),
        )  # fmt: skip

    @rule(actor=_actors, which=st.integers(0, 60), role=st.integers(0, 8), where=st.integers(0, 3))
    def give_what_is_hers_to_give(self, actor: str, which: int, role: int, where: int) -> None:
        """As above, and likelier to be allowed: what one of the actor's own titles gives, somewhere inside."""
        own = sorted(self.before.of(user_id(actor)), key=lambda one: str(one["id"]))
        if own:
            held = own[which % len(own)]
            roles = sorted(gives(title(held), held["program"])) or [held["role"]]
            places = sorted(inside(held["organization_id"]))
            self._mutate(
                actor, "assignRole", "AssignRoleInput", user=self._user(which), program=held["program"],
                role=roles[role % len(roles)].removeprefix("primary "), organization=str(places[where % len(places)]),
                schoolYear=held["school_year"], idempotencyKey=str(uuid.uuid4()),
            )  # fmt: skip

    @rule(actor=_actors, which=st.integers(0, 60))
    def take_what_is_hers_to_take(self, actor: str, which: int) -> None:
        below = [
            id_ for id_, one in sorted(self.before.held.items())
            if one["user_id"] != user_id(actor) and set(over(user_id(actor), one, self.before))
        ]  # fmt: skip
        if below:
            self._mutate(actor, "removeRoles", "RemoveRolesInput", assignments=[str(below[which % len(below)])])

    @rule(actor=_actors, program=_programs, role=st.integers(0, 8), where=_places, known=st.booleans(), who=_people)
    def create(self, actor: str, program: str, role: int, where: str, known: bool, who: int) -> None:
        address = self._account(who)["email_key"] if known else f"new-{next(self.numbers)}@valley.example"
        given = {
            "program": program, "role": ROLES[program][role % len(ROLES[program])], "schoolYear": YEAR,
            "organization": str(PLACES[where]),
        }  # fmt: skip
        self._mutate(
            actor, "createUser", "CreateUserInput", email=address or "x@y.example", firstName="New", lastName="Person",
            phone="916-555-0100", roles=[given], idempotencyKey=str(uuid.uuid4()),
        )  # fmt: skip

    @rule(actor=_actors, which=st.lists(st.integers(0, 60), min_size=1, max_size=2))
    def remove(self, actor: str, which: list[int]) -> None:
        self._mutate(actor, "removeRoles", "RemoveRolesInput", assignments=[self._assignment(one) for one in which])

    @rule(actor=_actors, which=st.integers(0, 60))
    def designate(self, actor: str, which: int) -> None:
        self._mutate(
            actor, "designatePrimaryCoordinator", "DesignatePrimaryCoordinatorInput", assignment=self._assignment(which)
        )

    @rule(actor=_actors, who=_people)
    def rename(self, actor: str, who: int) -> None:
        self._mutate(
            actor, "updateUser", "UpdateUserInput", user=self._user(who), firstName=f"Name{next(self.numbers)}",
            expectedVersion=self._account(who)["version"],
        )  # fmt: skip

    @rule(actor=_actors, who=_people)
    def move_address(self, actor: str, who: int) -> None:
        self._mutate(
            actor, "requestEmailChange", "RequestEmailChangeInput", user=self._user(who),
            email=f"moved-{next(self.numbers)}@valley.example", expectedVersion=self._account(who)["version"],
        )  # fmt: skip

    @rule(actor=_actors, who=_people, action=st.sampled_from(["reactivateUser", "resetPassword", "resendInvitation"]))
    def help(self, actor: str, who: int, action: str) -> None:
        self._mutate(actor, action, "UserInput", user=self._user(who))

    @rule(actor=_actors, who=_people)
    def deactivate(self, actor: str, who: int) -> None:
        self._mutate(actor, "deactivateUser", "DeactivateUserInput", user=self._user(who), comment="left")

    @rule(actor=_actors, who=_people)
    def delete(self, actor: str, who: int) -> None:
        version = self._account(who)["version"]
        self._mutate(actor, "deleteUser", "DeleteUserInput", user=self._user(who), expectedVersion=version)

    # ---------------------------------------------------------------------------------------------------- by files

    @rule(
        actor=st.sampled_from(["primary", "site", "far-lead", "additional"]),
        rows=st.lists(st.tuples(_people, st.sampled_from(LABELS), st.sampled_from(list(CODES.values()))), max_size=3),
    )
    def upload(self, actor: str, rows: list[tuple[int, str, str]]) -> None:
        lines = [(self._account(who)["email_key"] or "", label, code) for who, label, code in rows]
        lines.append((f"filed-{next(self.numbers)}@valley.example", "Test Administrator", PARK_CODE))
        last = self.world.run(self.world.last_event())
        found = self.world.run(applied(self.world.gateway, toms(*lines), Sending(actor)))
        self._judge(actor, last, refused=found.state is not UploadState.APPLIED)

    # --------------------------------------------------------------------------------------------------- judgments

    @invariant()
    def what_always_holds(self) -> None:
        assert list(always(self.before)) == []

    @rule(actor=_actors)
    def lists_show_whom_decide_says(self, actor: str) -> None:
        self.world.run(self._compare_list(actor))

    async def _compare_list(self, actor: str) -> None:
        listed = await self.world.ask(actor, "{ users(first: 100) { nodes { id } } }")
        if not listed:
            return
        users: dict[str, list[dict[str, str]]] | None = listed["data"]["users"]
        others = [user for user in self.before.users if user != user_id(actor)]
        checks = [{"permission": "hallpass:users:view", "targetUser": str(user)} for user in others]
        document = "query($checks: [Check!]!) { decideMany(checks: $checks) { allowed } }"
        decided: list[dict[str, bool]] = (await self.world.ask(actor, document, checks=checks))["data"][
            "decideMany"
        ] or []
        allowed = {str(user) for user, one in zip(others, decided, strict=False) if one["allowed"]}
        assert {one["id"] for one in (users["nodes"] if users else ())} - {str(user_id(actor))} == allowed

    def _mutate(self, actor: str, name: str, input_type: str, **values: Any) -> None:
        document = f"mutation($input: {input_type}!) {{ done: {name}(input: $input) {{ userErrors {{ code rule }} }} }}"
        last = self.world.run(self.world.last_event())
        answer = self.world.run(self.world.ask(actor, document, input=values))
        done: dict[str, Any] | None = (answer.get("data") or {"done": None})["done"]
        self._judge(actor, last, refused=done is None or bool(done["userErrors"]))

    def _judge(self, actor: str, last: int, *, refused: bool) -> None:
        before, after = self.before, self.world.run(self.world.scene())
        self.before = after
        if refused:
            assert _facts(before) == _facts(after), "what was refused has changed something"
            return
        assert list(wrongs(user_id(actor), before, after)) == []
        events = self.world.run(self.world.events(last))
        assert sorted(_unexplained(before, after, events, user_id(actor))) == []

    def _user(self, number: int) -> str:
        users = sorted(self.before.users)
        return str(users[number % len(users)])

    def _account(self, number: int) -> Any:
        return self.before.users[uuid.UUID(self._user(number))]

    def _assignment(self, number: int) -> str:
        held = sorted(self.before.held)
        return str(held[number % len(held)])


def _facts(scene: Scene) -> tuple[list[str], list[str]]:
    return sorted(map(repr, scene.users.items())), sorted(map(repr, scene.held.items()))


def _unexplained(before: Scene, after: Scene, events: list[dict[str, Any]], actor: Any) -> Iterator[str]:
    """Differences of which no audit event of the actor tells."""
    hers = [one for one in events if one["outcome"] == "allowed" and one["actor_id"] == actor]
    told = {one["target_id"] for one in hers}
    for one in hers:  # a file has one event for each row, which names what it replaced, and whom it created
        replaced: dict[str, Any] = one["before"] or {}
        made: dict[str, Any] = one["after"] or {}
        told |= {replaced.get("assignment", "")}
        told |= {made["user"]} if made.get("outcome") == "created" else set[str]()
    for id_ in before.held.keys() ^ after.held.keys():
        if str(id_) not in told:
            yield f"assignment {id_}"
    for id_ in before.held.keys() & after.held.keys():
        if before.held[id_] != after.held[id_] and str(id_) not in told:
            yield f"assignment {id_}"
    for id_, account in before.users.items():
        if any(account[name] != after.users[id_][name] for name in IDENTITY) and str(id_) not in told:
            yield f"user {id_}"
    for id_ in after.users.keys() - before.users.keys():
        if str(id_) not in told:
            yield f"user {id_}"


async def _populate(databases: Databases, name: str) -> None:
    pool = await open_pool(databases.url(name), maximum=2)
    async with pool.acquire() as connection:
        async with connection.transaction():
            await ensure_default_packs(connection)
        await build(connection)
        await populate(connection)
        await _more(connection)
    await pool.close()


async def _more(connection: Connection) -> None:
    """A site coordinator of the other LEA, and somebody who has a role in both LEAs."""
    await person(connection, "far-site")
    await give(connection, "far-site", "site-coordinator", BEACH)
    await person(connection, "between")
    await give(connection, "between", "test-administrator", PARK)
    await give(connection, "between", "test-administrator", BEACH)
    await give(connection, "shared", "site-coordinator", PARK, ELPAC)
    assert ProgramCode("caaspp") == CAASPP
    await give_last_year(connection)


@pytest.mark.rule("accounts-3", "accounts-5", "delegation-1", "delegation-5", "S0-12", "S1-06", "S1-07", "S1-08")
def test_random_changes_by_pages_and_files_keep_the_rules(server: Databases) -> None:
    template = server.migrated()
    asyncio.run(_populate(server, template))
    People.databases, People.template = server, template
    try:
        run_state_machine_as_test(
            People,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=25,
                deadline=None,
                print_blob=True,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
                phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a failure is short enough as it is
            ),
        )
    finally:
        server.drop(template)
