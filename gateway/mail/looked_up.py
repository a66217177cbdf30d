"""The words behind a message's ids and codes: names, labels, days, as its templates use them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from gateway.mail.links import MadeLink
from gateway.mail.words import day, day_and_time, harmless
from gateway.state import Gateway
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.connection import Connection
from store.mail_facts import Correspondent, OpenEmailChange, OpenRegistration, names_of, organization_names
from store.messages import Notice


@dataclass(frozen=True, slots=True)
class Occasion:
    """Whom a message goes to, and what it is about, if anything: a change of address, a registration, lost factors.

    `factors_go_at`: when an open removal of factors takes effect.
    """

    to: Correspondent
    user: UserId | None = None
    change: OpenEmailChange | None = None
    registration: OpenRegistration | None = None
    factors_go_at: datetime | None = None
    about: UUID | None = None
    code: str | None = field(default=None, repr=False)
    """To be typed by somebody who waits for it at a sign-in; None also where she waits no longer."""


@dataclass(frozen=True, slots=True)
class Words:
    """Every name that a message's notices need, read at once."""

    gateway: Gateway
    occasion: Occasion
    link: MadeLink | None
    people: Mapping[UserId, str]
    organizations: Mapping[OrganizationId, str]

    @staticmethod
    async def gathered(
        gateway: Gateway,
        connection: Connection,
        notices: Sequence[Notice],
        occasion: Occasion,
        link: MadeLink | None,
    ) -> "Words":
        people = {one.by for one in notices if one.by}
        people |= {UserId(UUID(str(one.values["person"]))) for one in notices if one.values.get("person")}
        places = {
            OrganizationId(UUID(str(one.values["organization"]))) for one in notices if one.values.get("organization")
        }
        if occasion.registration:
            places.add(occasion.registration.organization)
        names = await names_of(connection, people)
        return Words(gateway, occasion, link, names, await organization_names(connection, places))

    def of(self, notice: Notice) -> dict[str, object]:
        """Every word that a template may use; those that the notice has no value for are empty."""
        values = {name: str(value) for name, value in notice.values.items()}
        program, year = ProgramCode(values.get("program", "")), SchoolYear(values.get("school_year", ""))
        return {
            "by": self._person(notice.by),
            "person": self._person(UserId(UUID(values["person"])) if values.get("person") else None),
            "person_is_reader": values.get("person") == str(self.occasion.user),
            "organization": self._organization(values.get("organization")),
            "program": self._program(program, year),
            "role": self._role(program, RoleSlug(values.get("role", "")), year),
            "school_year": year,
            "notice": values.get("notice", ""),
            "code": self.occasion.code or "",
            "left": values.get("left", ""),
            "answered": values.get("answered", ""),
            "unanswered": values.get("unanswered", ""),
            "due_on": day(date.fromisoformat(values["due_on"])) if values.get("due_on") else "",
            **self._expiry(values.get("expires_on")),
            **self._change_and_link(),
        }

    def _expiry(self, expires_on: str | None) -> dict[str, object]:
        if not expires_on:
            return {"expires_on": "", "expired": False}
        last = date.fromisoformat(expires_on)
        today = self.gateway.now().astimezone(self.gateway.settings.time_zone).date()
        return {"expires_on": day(last), "expired": last < today}

    def _change_and_link(self) -> dict[str, object]:
        zone, change = self.gateway.settings.time_zone, self.occasion.change
        effect_on = change.takes_effect_at if change else self.occasion.factors_go_at
        return {
            "link_until": day_and_time(self.link.until, zone) if self.link else "",
            "new_address": harmless(change.new_address) if change else "",
            "old_lost": change is not None and change.old_lost,
            "effect_on": day_and_time(effect_on, zone) if effect_on else "",
        }

    def _person(self, user: UserId | None) -> str:
        return harmless(self.people.get(user, "")) if user else ""

    def _organization(self, id_: str | None) -> str:
        found = OrganizationId(UUID(id_)) if id_ else None
        if found is None and self.occasion.registration:
            found = self.occasion.registration.organization
        return harmless(self.organizations.get(found, "an organization")) if found else ""

    def _program(self, program: ProgramCode, year: SchoolYear) -> str:
        pack = self.gateway.packs.current.at(program, year or None)
        return pack.label if pack else str(program)

    def _role(self, program: ProgramCode, role: RoleSlug, year: SchoolYear) -> str:
        found = self.gateway.packs.current.role(program, role, year or None)
        return found.label if found else str(role)
