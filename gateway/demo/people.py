"""The demo state's people, LEA by LEA: accounts, roles, student groups, signed forms and credentials as rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from gateway.demo.mix import HeldRole, Mix, NamedPerson, Post
from gateway.demo.names import names
from gateway.demo.person_rows import Account, DemoUser, Holders, RowWriter, Seat
from gateway.demo.places import SEED, Lea, School
from policy.facts import Level, UserStatus
from policy.packs import Packs
from store.demo import DemoRows

_BATCH: Final = 20_000
"""People per batch of rows: what is in memory at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What people are made from. `password_hash`: of the named people; None, and for everybody else: no password."""

    mix: Mix
    packs: Packs
    password_hash: str | None
    batch: int = _BATCH


def people(leas: tuple[Lea, ...], plan: Plan) -> Iterator[DemoRows]:
    """Batches of rows in the order in which they can be written: a giver before those whom she gave roles."""
    writer = RowWriter(plan.mix, plan.packs)
    of_state = _state_staff(writer, plan)
    before: tuple[Lea, Holders] | None = None
    for lea in leas:
        builder = _LeaPeople(lea, before, writer, plan, of_state)
        builder.build()
        before = (lea, builder.holders)
        if len(writer.rows.users) >= plan.batch:
            yield writer.take()
    yield writer.take()


def account_of(person: NamedPerson, password_hash: str | None) -> Account:
    return Account(f"named:{person.email}", person.first, person.last, person.email, UserStatus.ACTIVE, password_hash)


def _state_staff(writer: RowWriter, plan: Plan) -> Holders:
    """Named people whose roles are held at the state itself."""
    holders: Holders = {}
    for person in plan.mix.people:
        if _at_state(person, plan):
            user = writer.account(account_of(person, plan.password_hash))
            for held in person.held:
                writer.state_role(user, held)
                holders[held] = user.id
    return holders


def _at_state(person: NamedPerson, plan: Plan) -> bool:
    roles = [plan.packs.role(held.program, held.role, plan.mix.current) for held in person.held]
    return bool(roles) and all(role is not None and role.levels == frozenset({Level.STATE}) for role in roles)


class _LeaPeople:
    """Makes one LEA's people."""

    def __init__(
        self, lea: Lea, before: tuple[Lea, Holders] | None, writer: RowWriter, plan: Plan, of_state: Holders
    ) -> None:
        self._lea = lea
        self._before = before
        self._writer = writer
        self._plan = plan
        self._mix = plan.mix
        self._random = Random(f"{SEED}/people/{lea.code}/{lea.index}")  # noqa: S311
        self._number = 0
        self._addresses: set[str] = set()
        self._named: Mapping[str, NamedPerson] = (
            {person.post: person for person in plan.mix.people if person.post} if lea.index == 0 else {}
        )
        self._met: set[str] = set()
        self.holders: Holders = dict(of_state)

    def build(self) -> None:
        for post in self._lea.staff(self._mix):
            self._staff(post)
        first, *others = self._mix.school_posts
        weights = [post.weight for post in others]
        for number, school in enumerate(self._lea.schools):
            self._at_school(first, school, number)
            for post in self._random.choices(others, weights, k=school.seats - 1):
                self._at_school(post, school, number)
        if self._lea.index == 0:
            self._named_beside()

    def _staff(self, post: Post) -> None:
        """Someone at the LEA itself; superintendents and primary coordinators are never on their way out."""
        named = self._take_named(post)
        account = self._someone(named, certain=post.primary or post.ahead == 1.0)
        user = self._writer.account(account)
        seat = Seat(self._lea, None, self.holders)
        signs = self._signs(named, account)
        for held in self._roles(post, account):
            self._writer.role(user, held, seat, self._mix.current, primary=post.primary, signs=signs)
            if self._random.random() < post.ahead and held.program in self._mix.upcoming:
                year = self._mix.upcoming[held.program]
                self._writer.role(user, held, seat, year, primary=post.primary, signs=False)
            if post.primary or post.ahead == 1.0:
                self.holders[held] = user.id
        self._last_year(account, lambda: [self._writer.past(user, held, seat) for held in post.held])

    def _at_school(self, post: Post, school: School, number: int) -> None:
        named = self._take_named(post) if number == 0 else None
        account = self._someone(named, certain=False)
        user = self._writer.account(account)
        seat = Seat(self._lea, school, self.holders)
        signs = self._signs(named, account)
        for held in self._roles(post, account):
            self._writer.role(user, held, seat, self._mix.current, signs=signs)
            self._writer.credential(user, held, self._lea, self._random)
        if named is None:
            self._elsewhere(post, user, number, signs=signs)
            if account.status is not UserStatus.INACTIVE and self._random.random() < post.groups:
                self._writer.student_groups(user, self._lea, school, self._random.choice((1, 1, 2, 3)), self._random)
        self._last_year(account, lambda: [self._writer.past(user, held, seat) for held in post.held])

    def _elsewhere(self, post: Post, user: DemoUser, number: int, *, signs: bool) -> None:
        """The same job at a second school, or in the LEA before."""
        if user.account.status is UserStatus.INACTIVE:
            return
        schools = self._lea.schools
        if len(schools) > 1 and self._random.random() < self._mix.rates.second_school:
            seat = Seat(self._lea, schools[(number + 1) % len(schools)], self.holders)
            self._writer.role(user, post.held[0], seat, self._mix.current, signs=signs)
        if self._before is not None and self._random.random() < self._mix.rates.second_lea:
            lea, holders = self._before
            seat = Seat(lea, self._random.choice(lea.schools), holders)
            self._writer.role(user, post.held[0], seat, self._mix.current, signs=signs)
            self._writer.credential(user, post.held[0], lea, self._random)

    def _named_beside(self) -> None:
        """Named people who hold no post that every LEA has."""
        for person in self._mix.people:
            if person.post or _at_state(person, self._plan):
                continue
            user = self._writer.account(account_of(person, self._plan.password_hash))
            schools = self._lea.schools
            school = None if person.school is None else schools[person.school]
            for held in person.held:
                self._writer.role(
                    user, held, Seat(self._lea, school, self.holders), self._mix.current, signs=not person.unsigned
                )
                self._writer.credential(user, held, self._lea, None)
            for held in person.other:
                seat = Seat(self._lea, schools[(person.school or 0) + 1], self.holders)
                self._writer.role(user, held, seat, self._mix.current, signs=True)
            if school and person.groups:
                self._writer.student_groups(user, self._lea, school, person.groups, self._random)

    def _take_named(self, post: Post) -> NamedPerson | None:
        """The named holder of a post, once."""
        person = self._named.get(post.name)
        if person is None or post.name in self._met:
            return None
        self._met.add(post.name)
        return person

    def _roles(self, post: Post, account: Account) -> list[HeldRole]:
        """None for those whose year has ended."""
        if account.status is UserStatus.INACTIVE:
            return []
        return [*post.held, *(held for held, chance in post.also if self._random.random() < chance)]

    def _signs(self, named: NamedPerson | None, account: Account) -> bool:
        if named is not None:
            return not named.unsigned
        return account.status is not UserStatus.INVITED and self._random.random() >= self._mix.rates.unsigned

    def _last_year(self, account: Account, write: Callable[[], object]) -> None:
        if account.status is UserStatus.INACTIVE or self._random.random() < self._mix.rates.held_last_year:
            write()

    def _someone(self, named: NamedPerson | None, *, certain: bool) -> Account:
        self._number += 1
        if named is not None:
            return account_of(named, self._plan.password_hash)
        random = self._random
        first, last = random.choice(names().first_names), random.choice(names().last_names)
        status = UserStatus.ACTIVE if certain else self._status()
        account = Account(f"{self._lea.code}/{self._lea.index}/{self._number}", first, last, "", status, None)
        return replace(account, email=self._address(account))

    def _status(self) -> UserStatus:
        rates, drawn = self._mix.rates, self._random.random()
        for status, rate in (
            (UserStatus.INVITED, rates.invited),
            (UserStatus.INACTIVE, rates.inactive),
            (UserStatus.SUSPENDED, rates.suspended),
        ):
            if drawn < rate:
                return status
            drawn -= rate
        return UserStatus.ACTIVE

    def _address(self, account: Account) -> str:
        local = account.mailbox
        while local in self._addresses:
            local = f"{account.mailbox}{self._number}"
        self._addresses.add(local)
        return f"{local}@{self._lea.slug}.example.org"
