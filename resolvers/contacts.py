"""Contacts of organizations, and setContact: whom the state writes to at an LEA; no access comes with it (S1-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.contacts import ContactKind
from policy.ids import OrganizationId, UserId
from policy.lea_matters import may_act_for_lea
from resolvers import targets
from resolvers.addresses import PersonTyped, problems_of
from resolvers.asking import Asking
from resolvers.batches import batch_of
from resolvers.refusals import bad_input
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.contacts import ContactData, ContactRecord, contacts_of, delete_contact, lock_contact, put_contact
from store.database import Connection
from store.recipients import lock_organization
from store.records import OrganizationRecord

ACTION = "setContact"


@dataclass(frozen=True, slots=True)
class ContactRow:
    kind: ContactKind
    user: UserId | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    version: int
    set_at: datetime


@dataclass(frozen=True, slots=True)
class SetContactAsked:
    """`user` or `person`; with neither the contact is taken away. `by_user`: a user was named."""

    organization: UUID | None
    kind: ContactKind
    user: UUID | None
    by_user: bool
    person: PersonTyped | None
    expected_version: int


@dataclass(frozen=True, slots=True)
class SetContactRow:
    organization: OrganizationId | None
    user_errors: list[UserError]


async def of_organization(asking: Asking, organization: OrganizationId) -> list[ContactRow]:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, tuple[ContactRecord, ...]]:
        return await asking.reads.run(partial(contacts_of, organizations=ids))

    found = await batch_of(asking.batches, "contacts", load).get(organization) or ()
    return [_row(one) for one in found]


async def carry_out(asking: Asking, asked: SetContactAsked, rule: AnyOf, sight: Sight) -> SetContactRow:
    """Raises RefusedError NOT_FOUND for an organization or a person out of reach."""
    making = change(asking, ACTION, rule)
    if asked.by_user and asked.person is not None:
        raise bad_input(f"{ACTION} takes a user or a person, not both.")
    where = await targets.organization(asking, sight, asked.organization)
    user = (await targets.user(asking, sight, asked.user)).id if asked.by_user else None
    try:
        await making.carry_out(Target("organization", str(where.id)), partial(_set, making, where, user, asked))
    except RefusedChangeError as refused:
        return SetContactRow(None, refused.errors)
    return SetContactRow(where.id, [])


async def _set(
    making: Change, where: OrganizationRecord, user: UserId | None, asked: SetContactAsked, connection: Connection
) -> None:
    verdict = may_act_for_lea(making.actor, where.facts, "S1-10")
    if verdict.refusal is not None:
        raise RefusedChangeError([user_error(verdict.refusal)])
    if asked.person is not None:
        errors = list(problems_of(asked.person, None))
        if errors:
            raise RefusedChangeError(errors)
    await lock_organization(connection, where.id)
    version = await lock_contact(connection, where.id, asked.kind)
    if version != asked.expected_version:
        text = "The contact was changed at this moment."
        path = ["input", "expectedVersion"]
        raise RefusedChangeError([UserError(path, "CHANGED", None, text, "Reload it, then try again.")])
    data = _data(user, asked.person)
    if data is None:
        await delete_contact(connection, where.id, asked.kind)
    else:
        record = ContactRecord(where.id, asked.kind, data, version + 1, making.asking.clock.now)
        await put_contact(connection, record, making.caller.user)
    after = {"kind": asked.kind.value, "user": str(user) if user else None, "named": data is not None}
    await making.audit(connection, Target("organization", str(where.id)), verdict.under, after=after)


def _data(user: UserId | None, person: PersonTyped | None) -> ContactData | None:
    if user is not None:
        return ContactData(user)
    if person is None:
        return None
    return ContactData(None, person.first_name, person.last_name, person.email, person.phone)


def _row(one: ContactRecord) -> ContactRow:
    data = one.data
    return ContactRow(
        one.kind, data.user, data.first_name, data.last_name, data.email, data.phone, one.version, one.set_at
    )
