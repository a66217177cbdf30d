"""Steps of the machine that take effect later or elsewhere: links, changes of address, last year, student groups."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from gateway.signin.email_changes import apply_by_job
from policy.ids import UserId
from store.access_version import raise_versions
from store.account_links import insert_link
from store.database import Connection
from tests.graphql.world import BEACH, CAASPP, ELPAC, ROSTER, give, person, user_id
from tests.machine.oracle import ROLES, Scene, over, wrongs
from tests.oidc.world import HILL, LEA, NOW, OTHER_LEA, PARK, YEAR, csrf

LAST_YEAR: Final = "2025-26"
_EARLIER: Final = (
    ("teacher", "test-administrator", PARK, CAASPP, False),
    ("shared", "site-coordinator", PARK, CAASPP, False),
    ("gone", "lea-coordinator", LEA, CAASPP, False),
    ("gone", "test-examiner", HILL, CAASPP, False),
    ("barred", "test-administrator", HILL, CAASPP, True),
    ("between", "test-examiner", PARK, ELPAC, False),
    ("far-lead", "lea-coordinator", OTHER_LEA, CAASPP, False),
)
"""Who held what, where, last year, and whether it was suspended at its end."""
_PASSWORD: Final = "harbor violet seventeen kites"
_ACTORS: Final = st.sampled_from(
    ["superintendent", "primary", "additional", "second", "elpac-lead", "site", "far-lead", "far-site", "shared"]
)
_TOUCHING: Final = {
    "updateUser": "UpdateUserInput", "requestEmailChange": "RequestEmailChangeInput", "resetPassword": "UserInput",
    "deactivateUser": "DeactivateUserInput", "deleteUser": "DeleteUserInput", "reactivateUser": "UserInput",
}  # fmt: skip
_ROSTER_ROLES: Final = {"test-administrator", "test-examiner", "educator-roster", "ls-correspondence-administrator"}


async def give_last_year(connection: Connection) -> None:
    """A year that is over, with people of whom some have nothing since; and two coordinators of one rank."""
    await person(connection, "second")
    await give(connection, "second", "lea-coordinator", LEA)
    await give(connection, "additional", "test-administrator", HILL)
    for name in ("gone", "barred"):
        await person(connection, name)
        await connection.execute("update users set status = 'inactive' where id = $1", user_id(name))
    await connection.executemany(
        "insert into school_years (program, school_year, status) values ($1, $2, 'closed')",
        [(program, LAST_YEAR) for program in (CAASPP, ELPAC)],
    )
    await connection.executemany(
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
        "status, was_suspended, origin, assigned_at) "
        "select $1, u.id, $3, $4, $5, o.id, o.lea_id, u.name_key, 'expired', $7, 'operator', $8 "
        "from users u, organizations o where u.id = $2 and o.id = $6",
        [
            (uuid.uuid5(uuid.NAMESPACE_URL, f"{name} {role}"), user_id(name), program, role, LAST_YEAR, where, was, NOW)
            for name, role, where, program, was in _EARLIER
        ],
    )


class LaterSteps(RuleBasedStateMachine):
    """Mixed into the machine, whose world and judgments these steps use."""

    world: Any
    before: Scene
    _mutate: Any
    _judge: Any
    _user: Any
    numbers: Any

    @rule(
        actor=st.sampled_from(["primary", "site", "hill-site", "far-lead", "shared"]),
        which=st.integers(0, 6), anew=st.sampled_from([False, False, True]), role=st.integers(0, 8),
    )  # fmt: skip
    def bring_back(self, actor: str, which: int, anew: bool, role: int) -> None:
        earlier = [one for _, one in sorted(self.before.held.items()) if one["school_year"] == LAST_YEAR]
        one = earlier[which % len(earlier)]
        ticked = {"assignment": str(one["id"]), "choice": "SAME_ROLE"}
        if anew:
            roles = ROLES[one["program"]]
            ticked |= {"choice": "NEW_ROLE", "role": roles[role % len(roles)]}
        given = set(self.before.held)
        self._mutate(
            actor, "bringBackLastYear", "BringBackLastYearInput", into=YEAR, people=[ticked],
            idempotencyKey=str(uuid.uuid4()),
        )  # fmt: skip
        new = [one for id_, one in self.before.held.items() if id_ not in given]
        barred = {(name, role) for name, role, _, _, was in _EARLIER if was}
        assert all((user_id(name), role) != (one["user_id"], one["role"]) for one in new for name, role in barred)

    @rule(actor=_ACTORS, which=st.integers(0, 20), action=st.sampled_from(sorted(_TOUCHING)))
    def touch_whom_she_manages_in_part(self, actor: str, which: int, action: str) -> None:
        """Takeovers begin with people of whom one role is the actor's to manage, and another isn't."""
        me = user_id(actor)
        managed = {
            user: [bool(set(over(me, one, self.before))) for one in self.before.of(user)] for user in self.before.users
        }
        near = sorted(user for user, each in managed.items() if any(each) and not all(each))
        if near:
            self._touch(actor, near[which % len(near)], action)

    @rule(actor=_ACTORS, which=st.integers(0, 20), action=st.sampled_from(sorted(_TOUCHING)))
    def touch_whom_she_manages(self, actor: str, which: int, action: str) -> None:
        below = self._managed_by(actor)
        if below:
            self._touch(actor, below[which % len(below)], action)

    @rule(actor=st.sampled_from(["primary", "site", "far-lead"]), which=st.integers(0, 20), meanwhile=st.booleans())
    def move_an_address_of_hers(self, actor: str, which: int, meanwhile: bool) -> None:
        """The request is allowed; a day later somebody else may have given her a role."""
        below = self._managed_by(actor)
        if below:
            self._touch(actor, below[which % len(below)], "requestEmailChange")
            self.world.run(self._address_takes_effect(which=0, meanwhile=meanwhile))

    def _managed_by(self, actor: str) -> list[Any]:
        """People whose every role the actor stands over."""
        me = user_id(actor)
        return [
            user for user in sorted(self.before.users)
            if self.before.of(user) and all(set(over(me, one, self.before)) for one in self.before.of(user))
        ]  # fmt: skip

    @rule(actor=_ACTORS, which=st.integers(0, 3))
    def take_her_own_role(self, actor: str, which: int) -> None:
        own = sorted(str(one["id"]) for one in self.before.of(user_id(actor)))
        if own:
            self._mutate(actor, "removeRoles", "RemoveRolesInput", assignments=[own[which % len(own)]])

    def _touch(self, actor: str, user: uuid.UUID, action: str) -> None:
        asked: dict[str, Any] = {"user": str(user)}
        if action in ("updateUser", "requestEmailChange", "deleteUser"):
            asked["expectedVersion"] = self.before.users[user]["version"]
        if action == "updateUser":
            asked["firstName"] = f"Touched{next(self.numbers)}"
        if action == "requestEmailChange":
            asked["email"] = f"touched-{next(self.numbers)}@valley.example"
        self._mutate(actor, action, _TOUCHING[action], **asked)

    @rule(which=st.integers(0, 5), meanwhile=st.booleans())
    def an_address_takes_effect(self, which: int, meanwhile: bool) -> None:
        """The day has passed and the new address has confirmed it: only who reaches all of her now has done it."""
        self.world.run(self._address_takes_effect(which, meanwhile))

    async def _address_takes_effect(self, which: int, meanwhile: bool) -> None:
        async with self.world.pool.acquire() as connection:
            changes = await connection.fetch(
                "select id, user_id, requested_by, old_lost from email_changes "
                "where applied_at is null and canceled_at is null order by id"
            )
            if not changes:
                return
            one = changes[which % len(changes)]
            await connection.execute(
                "update email_changes set new_confirmed_at = $2, takes_effect_at = least(takes_effect_at, $2) "
                "where id = $1",
                one["id"], NOW,
            )  # fmt: skip
            if meanwhile:
                await self._role_elsewhere(connection, one["user_id"])
        before = await self.world.scene()
        await apply_by_job(self.world.gateway, one["id"].bytes)
        after = await self.world.scene()
        self.before = after
        if one["old_lost"]:
            assert list(wrongs(one["requested_by"], before, after)) == []
        else:
            assert before.users == after.users, "one's own waits for the old address as well"

    async def _role_elsewhere(self, connection: Connection, user: uuid.UUID) -> None:
        """Another LEA gives her a role: she is shared from now on."""
        await connection.execute(
            "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
            "status, origin, assigned_at) select gen_random_uuid(), $1, 'caaspp', 'ia-administrator', $2, o.id, "
            "o.lea_id, 'x', 'active', 'operator', $3 from organizations o where o.id = $4 and not exists ("
            "select from role_assignments where user_id = $1 and organization_id = o.id)",
            user, YEAR, NOW, BEACH,
        )  # fmt: skip
        async with connection.transaction():
            await raise_versions(connection, [UserId(user)])

    @rule(who=st.integers(0, 30))
    def choose_a_password_by_link(self, who: int) -> None:
        """A reset's link is its account's alone, and opens none that isn't active."""
        self.world.run(self._choose(uuid.UUID(self._user(who))))

    async def _choose(self, user: uuid.UUID) -> None:
        token = secrets.token_urlsafe(32)
        async with self.world.pool.acquire() as connection:
            await insert_link(
                connection, hashlib.sha256(token.encode()).digest(), user, purpose="reset",  # pyright: ignore[reportArgumentType]
                now=NOW, expires_at=NOW + timedelta(minutes=15),
            )  # fmt: skip
        self.world.http.cookies.clear()
        page = await self.world.http.get("/signin/reset/choose", params={"token": token})
        if page.status_code == 200:
            form = {"csrf": csrf(page), "token": token, "password": _PASSWORD, "again": _PASSWORD}
            page = await self.world.http.post("/signin/reset/choose", data=form)
        self.world.http.cookies.clear()
        before, after = self.before, await self.world.scene()
        self.before = after
        changed = {id_ for id_, one in before.users.items() if one != after.users[id_]}
        is_active = before.users[user]["status"] == "active"
        assert page.status_code == (200 if is_active else 410)
        assert (changed, before.held == after.held) == ({user} if is_active else set(), True)
        async with self.world.pool.acquire() as connection:
            left = await connection.fetchval(
                "select count(*) from sessions where user_id = $1 and ended_at is null", user
            )
        assert not is_active or left == 0

    @rule(actor=st.sampled_from(["primary", "site", "hill-site", "far-lead", "teacher"]), who=st.integers(0, 30))
    def assign_a_group(self, actor: str, who: int) -> None:
        self.world.run(self._assign_group(actor, who))

    async def _assign_group(self, actor: str, who: int) -> None:
        given = await self._groups()
        target = uuid.UUID(self._user(who))
        document = (
            "mutation($input: AssignStudentGroupInput!) { assignStudentGroup(input: $input) { userErrors { code } } }"
        )
        asked = {"group": str(ROSTER), "users": [str(target)], "assigned": True}
        await self.world.ask(actor, document, input=asked)
        assert self.before == await self.world.scene(), "a group changes no account and no role"
        new = await self._groups() - given
        assert new <= {(ROSTER, target)}
        if new:
            works = [
                one for one in self.before.of(target)
                if one["role"] in _ROSTER_ROLES and one["organization_id"] in (PARK, LEA) and one["status"] == "active"
            ]  # fmt: skip
            assert target != user_id(actor)
            assert any(_manages(user_id(actor), one, self.before) for one in works)

    async def _groups(self) -> set[tuple[Any, Any]]:
        async with self.world.pool.acquire() as connection:
            rows = await connection.fetch("select group_id, user_id from student_group_users")
        return {tuple(row.values()) for row in rows}


def _manages(actor: Any, one: Any, scene: Scene) -> bool:
    return bool(set(over(actor, one, scene)) & {"lea-coordinator", "primary lea-coordinator", "site-coordinator"})
