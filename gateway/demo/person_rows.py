"""Turns one person's account, roles, groups, forms and credentials into rows of the demo state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Final
from uuid import UUID

from gateway.demo.mix import HeldRole, Mix
from gateway.demo.names import names
from gateway.demo.places import Lea, School, stable_id, state_id
from policy.facts import AssignmentStatus, UserStatus
from policy.ids import SchoolYear
from policy.pack import Pack, Role
from policy.packs import Packs
from store.demo import AssignmentRow, CredentialRow, DemoRows, FormRow, GroupRow, GroupUserRow, UserRow
from store.keys_of import text_key

_OPENED: Final = datetime(2026, 8, 3, 16, 0, tzinfo=UTC)
"""The first day of the demo year's preparations; everything happened in the weeks after it."""
_LAST_YEAR: Final = datetime(2025, 9, 8, 16, 0, tzinfo=UTC)
_WEEKS: Final = timedelta(weeks=12)
_EXPIRED: Final = date(2026, 6, 30)
_GOOD_UNTIL: Final = date(2029, 6, 30)

Holders = dict[HeldRole, UUID]
"""Who holds a role at an LEA and gives others theirs."""


@dataclass(frozen=True, slots=True)
class Account:
    """`key` is the stable name that the person's id comes from."""

    key: str
    first: str
    last: str
    email: str
    status: UserStatus
    password_hash: str | None

    @property
    def id(self) -> UUID:
        return stable_id(f"user:{self.key}")

    @property
    def mailbox(self) -> str:
        """An ASCII local part made from the name."""
        return f"{_ascii(self.first)}.{_ascii(self.last)}"


@dataclass(frozen=True, slots=True)
class DemoUser:
    id: UUID
    account: Account
    name_key: str
    at: datetime
    """When the account was made and most of what belongs to it."""
    signed: set[tuple[str, str, str]]
    credentials: set[UUID]


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a role is held: at a school or, without one, at the LEA; `holders` gave it."""

    lea: Lea
    school: School | None
    holders: Holders

    @property
    def organization(self) -> UUID:
        return self.lea.id if self.school is None else self.school.id


class RowWriter:
    """Collects rows; `take` gives what has come together."""

    def __init__(self, mix: Mix, packs: Packs) -> None:
        self._mix = mix
        self._packs = packs
        self._named_groups: dict[UUID, set[str]] = {}
        self.rows = DemoRows()

    def take(self) -> DemoRows:
        taken, self.rows = self.rows, DemoRows()
        self._named_groups.clear()
        return taken

    def account(self, account: Account) -> DemoUser:
        user_id = account.id
        key = f"{_key(account.last)} {_key(account.first)}"
        drawn = user_id.int
        user = DemoUser(user_id, account, key, _OPENED + _WEEKS * (drawn % 1000 / 1000), set(), set())
        phone = None if drawn % 5 == 0 else f"({200 + drawn % 700}) 555-01{drawn % 100:02}"
        self.rows.users.append(
            UserRow(
                user_id, account.email, account.email, account.first, account.last, key, phone, account.status.value,
                account.password_hash, user.at,
            )
        )  # fmt: skip
        return user

    def state_role(self, user: DemoUser, held: HeldRole) -> None:
        """A role at the state itself; without a school year where its pack is tied to none."""
        year = "" if self._packs.at(held.program, None) else self._mix.current
        self.rows.assignments.append(
            AssignmentRow(
                stable_id(f"assignment:{user.id}/{held.text}"), user.id, held.program, held.role, year, state_id(),
                None, user.name_key, AssignmentStatus.ACTIVE.value, False, "operator", None, None, user.at,
            )
        )  # fmt: skip

    def role(
        self, user: DemoUser, held: HeldRole, seat: Seat, year: SchoolYear, *, primary: bool = False, signs: bool
    ) -> None:
        """The role in that year, given by the one whom the pack lets give it; `signs`: with its forms signed."""
        pack, role = self._described(held, year)
        status = AssignmentStatus.SUSPENDED if user.account.status is UserStatus.SUSPENDED else AssignmentStatus.ACTIVE
        self._assignment(user, held, role, seat, year, status, user.at, primary=primary)
        if signs:
            self._sign(user, pack, role, year, user.at)

    def past(self, user: DemoUser, held: HeldRole, seat: Seat) -> None:
        """The same role in the year before, which has ended."""
        pack, role = self._described(held, self._mix.past)
        at = _LAST_YEAR + (user.at - _OPENED)
        self._assignment(user, held, role, seat, self._mix.past, AssignmentStatus.EXPIRED, at, primary=False)
        self._sign(user, pack, role, self._mix.past, at)

    def credential(self, user: DemoUser, held: HeldRole, lea: Lea, random: Random | None) -> None:
        """The licence that the role asks for; `random` leaves out a few and lets a few be expired."""
        role = self._described(held, self._mix.current)[1]
        if not role.credential or lea.id in user.credentials or user.account.status is UserStatus.INACTIVE:
            return
        rates, drawn = self._mix.rates, random.random() if random else 1.0
        if drawn < rates.credential_missing:
            return
        expires = _EXPIRED if drawn < rates.credential_missing + rates.credential_expired else _GOOD_UNTIL
        user.credentials.add(lea.id)
        name = f"credential:{user.id}/{lea.id}"
        number = f"TC-{user.id.int % 10**9:09}"
        self.rows.credentials.append(CredentialRow(stable_id(name), user.id, lea.id, number, expires, user.at))

    def student_groups(self, user: DemoUser, lea: Lea, school: School, count: int, random: Random) -> None:
        """New groups at the school, assigned to the person."""
        taken = self._named_groups.setdefault(school.id, set())
        for _ in range(count):
            subject = random.choice(names().subjects)
            course = f"Grade {random.randint(3, 8)} {subject} –"
            base, base_key = f"{course} {user.account.last}", f"{_key(course)} {_key(user.account.last)}"
            name, key, again = base, base_key, 2
            while key in taken:
                name, key, again = f"{base} {again}", f"{base_key} {again}", again + 1
            taken.add(key)
            group = stable_id(f"group:{school.id}/{key}")
            year = self._mix.current
            size = random.randint(14, 33)
            self.rows.groups.append(GroupRow(group, school.id, lea.id, year, name, key, subject, size))
            self.rows.group_users.append(GroupUserRow(group, user.id, user.at))

    def _assignment(
        self,
        user: DemoUser,
        held: HeldRole,
        role: Role,
        seat: Seat,
        year: SchoolYear,
        status: AssignmentStatus,
        at: datetime,
        *,
        primary: bool,
    ) -> None:
        giver = _giver(held, role, seat.holders)
        self.rows.assignments.append(
            AssignmentRow(
                stable_id(f"assignment:{user.id}/{held.text}/{year}/{seat.organization}"), user.id, held.program,
                held.role, year, seat.organization, seat.lea.id, user.name_key, status.value, primary,
                role.derived or "person", giver and giver[0], giver and giver[1], at,
            )
        )  # fmt: skip

    def _sign(self, user: DemoUser, pack: Pack, role: Role, year: SchoolYear, at: datetime) -> None:
        for slug in role.forms:
            signed = (pack.program, slug, year)
            if signed not in user.signed:
                user.signed.add(signed)
                form = pack.forms[slug]
                name = f"{user.account.first} {user.account.last}"
                signed_at = at + timedelta(hours=1)
                self.rows.forms.append(FormRow(user.id, pack.program, slug, year, form.version, name, signed_at))

    def _described(self, held: HeldRole, year: SchoolYear) -> tuple[Pack, Role]:
        pack = self._packs.at(held.program, year)
        if pack is None:
            raise LookupError(f"The pack {held.program} has no version for {year}: load it, then load the demo state.")
        return pack, pack.roles[held.role]


def _giver(held: HeldRole, role: Role, holders: Mapping[HeldRole, UUID]) -> tuple[UUID, str] | None:
    """Who gave the role, and under which of her own; None where the directory did."""
    if role.derived:
        return None
    under = HeldRole(held.program, role.assignable_by[0].role)
    return holders[under], under.text


@cache
def _key(name: str) -> str:
    return text_key(name)


@cache
def _ascii(name: str) -> str:
    return "".join(one for one in text_key(name) if one.isascii() and one.isalnum())
