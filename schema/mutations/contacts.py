"""Mutations about an LEA's contacts."""

from __future__ import annotations

import strawberry

from policy.access import AccessTarget as Target
from policy.contacts import ContactKind
from resolvers import contacts
from resolvers.addresses import PersonTyped
from resolvers.contacts import SetContactAsked, SetContactRow
from resolvers.references import read_id
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access, rule
from schema.mapped import row_of
from schema.mutations.shared import UserError, user_errors
from schema.organizations import Organization
from schema.rules import CONTACTS_EDIT, SIGHT

EDIT = access(rule(CONTACTS_EDIT, Target.USERS_ORGANIZATIONS))


@strawberry.input(description="Somebody without an account.")
class ContactPersonInput:
    first_name: str
    last_name: str
    email: str
    phone: str | None = strawberry.UNSET

    def read(self) -> PersonTyped:
        return PersonTyped(
            self.email.strip(), self.first_name.strip(), self.last_name.strip(), (self.phone or "").strip() or None
        )


@strawberry.input(description="`user` or `person`; with neither the contact is taken away.")
class SetContactInput:
    organization: strawberry.ID
    kind: ContactKind
    user: strawberry.ID | None = strawberry.UNSET
    person: ContactPersonInput | None = strawberry.UNSET
    expected_version: int = strawberry.field(description="Of the contact that there is; 0 where there is none.")

    def read(self) -> SetContactAsked:
        return SetContactAsked(
            read_id(self.organization),
            self.kind,
            read_id(self.user or None),
            bool(self.user),
            self.person.read() if self.person else None,
            self.expected_version,
        )


@strawberry.type(directives=[PUBLIC])
class SetContactPayload:
    organization: Organization | None = row_of("organization")
    user_errors: list[UserError] = user_errors()


async def _set(info: Info, input: SetContactInput) -> SetContactRow:
    return await contacts.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


@strawberry.type
class ContactMutations:
    set_contact: SetContactPayload | None = answered(
        _set, EDIT, description="Names, replaces or takes away a contact of an LEA."
    )
