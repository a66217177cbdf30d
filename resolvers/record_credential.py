"""recordCredential and removeCredential: a person's license in one LEA, recorded by whoever manages her there."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from policy.access import AnyOf, holds
from policy.credentials import may_record_credential
from policy.delegation import Recipient
from policy.facts import Assignment, Person
from policy.ids import OrganizationId, UserId
from resolvers import targets
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.credentials import credential_by_id, delete_credential, delete_credentials_in_lea, record_credential
from store.database import Connection
from store.people import load_person
from store.recipients import lock_users
from store.records import CredentialRecord

RECORD = "recordCredential"
REMOVE = "removeCredential"
LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class RecordCredentialAsked:
    """`organization`: the LEA, or one of its schools."""

    user: UUID | None
    organization: UUID | None
    number: str
    expires_on: date
    key: str


@dataclass(frozen=True, slots=True)
class RecordCredentialRow:
    credential: CredentialRecord | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class RemoveCredentialRow:
    removed: UUID | None
    user: UserId | None
    user_errors: list[UserError]


async def record(asking: Asking, asked: RecordCredentialAsked, rule: AnyOf, sight: Sight) -> RecordCredentialRow:
    """Raises RefusedError NOT_FOUND for a person or an organization out of reach."""
    making = change(asking, RECORD, rule)
    user = await targets.user(asking, sight, asked.user)
    place = await targets.organization(asking, sight, asked.organization)
    target = Target("user", str(user.id))
    try:
        made = await making.carry_out(target, partial(_record, making, user.id, place.lea_id, asked))
    except RefusedChangeError as refused:
        return RecordCredentialRow(None, refused.errors)
    return RecordCredentialRow(await asking.reads.run(partial(credential_by_id, credential=made)), [])


async def remove(asking: Asking, credential: UUID | None, rule: AnyOf, seen: AnyOf) -> RemoveCredentialRow:
    """`seen`: the rule by which a credential is seen. Raises RefusedError NOT_FOUND for one out of reach."""
    making = change(asking, REMOVE, rule)
    found = await asking.reads.run(partial(credential_by_id, credential=credential)) if credential else None
    if found is None or not holds(asking.caller, seen, found.subject):
        raise targets.missing("credential")
    target = Target("user", str(found.user_id))
    try:
        await making.carry_out(target, partial(_remove, making, found))
    except RefusedChangeError as refused:
        return RemoveCredentialRow(None, None, refused.errors)
    return RemoveCredentialRow(found.id, found.user_id, [])


async def _record(
    making: Change, user: UserId, lea: OrganizationId | None, asked: RecordCredentialAsked, connection: Connection
) -> UUID:
    new = making.asking.new_id()
    first = await first_result(making, connection, asked.key, digest_of(asked), new)
    if first != new:
        return first
    person = await _locked(connection, user)
    errors = _errors(making.asking, asked, lea)
    if lea is None or errors:
        raise RefusedChangeError(errors)
    under = _judged(making, person, lea)
    before = await delete_credentials_in_lea(connection, user, lea)
    credential = CredentialRecord(
        new, user, lea, asked.number.strip(), asked.expires_on, making.caller.user, making.asking.clock.now
    )
    await record_credential(connection, credential)
    await making.audit(
        connection, Target("user", str(user)), under,
        before={"credentials": [_told(*one, lea) for one in before]},
        after={"credentials": [_told(new, asked.expires_on, lea)]},
        personal={user: {"credential_number": credential.number}},
    )  # fmt: skip
    await making.tell(connection, [user])
    return new


async def _remove(making: Change, found: CredentialRecord, connection: Connection) -> None:
    person = await _locked(connection, found.user_id)
    under = _judged(making, person, found.lea_id)
    if not await delete_credential(connection, found.id):
        raise targets.missing("credential")
    before = {"credentials": [_told(found.id, found.expires_on, found.lea_id)]}
    await making.audit(connection, Target("user", str(found.user_id)), under, before=before)
    await making.tell(connection, [found.user_id])


async def _locked(connection: Connection, user: UserId) -> Person:
    await lock_users(connection, [user])
    loaded = await load_person(connection, user)
    if loaded is None:
        raise targets.missing("person")
    return loaded.person


def _judged(making: Change, person: Person, lea: OrganizationId) -> Assignment | None:
    recipient = Recipient(person.id, person.status, person.assignments)
    verdict = may_record_credential(making.actor, recipient, lea, making.asking.packs)
    if verdict.refusal is not None:
        raise RefusedChangeError([user_error(verdict.refusal)])
    return verdict.under


def _errors(asking: Asking, asked: RecordCredentialAsked, lea: OrganizationId | None) -> list[UserError]:
    errors: list[UserError] = []
    number = asked.number.strip()
    if lea is None:
        text = "A credential is recorded for an LEA, not for the state."
        errors.append(UserError(["input", "organization"], "WRONG_LEVEL", "S1-19", text, "Choose an LEA or a school."))
    if not number or len(number) > LONGEST_NUMBER or not number.isprintable():
        text = f"A credential's number has 1 to {LONGEST_NUMBER} characters."
        errors.append(UserError(["input", "number"], "INVALID_NUMBER", "S1-19", text, "Type it as it is printed."))
    if asked.expires_on < asking.clock.today:
        text = "The credential has expired already."
        remedy = "Record one that is good today, with its last day."
        errors.append(UserError(["input", "expiresOn"], "PAST_DAY", "S1-19", text, remedy))
    return errors


def _told(credential: UUID, expires_on: date, lea: OrganizationId) -> dict[str, str]:
    return {"id": str(credential), "expires_on": expires_on.isoformat(), "lea": str(lea)}
