"""Personal data in the audit trail: encrypted with a key per person, unreadable for good once the key is destroyed."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from policy.ids import UserId
from store.audit import AuditEvent, record, record_many
from store.connection import Connection
from store.personal_data import PersonalDataError, PersonalKeys, erase_personal_key

KEYS = PersonalKeys(bytes(range(32)))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def person() -> UserId:
    return UserId(uuid4())


async def stored(connection: Connection) -> list[dict[str, str] | None]:
    return [row["personal"] for row in await connection.fetch("select personal from audit_events order by id")]


@pytest.mark.rule("accounts-5")
async def test_names_and_addresses_are_stored_encrypted_and_can_be_read(connection: Connection) -> None:
    ann, bob = person(), person()
    personal = {ann: {"email": "ann@example.org", "first_name": "Ann"}, bob: {"email": "bob@example.org"}}
    async with connection.transaction():
        await record(connection, AuditEvent("createUser", "user", str(ann), personal=personal), KEYS)
    (kept,) = await stored(connection)
    assert kept is not None
    assert set(kept) == {str(ann), str(bob)}
    assert "ann" not in str(kept.values())
    assert await KEYS.open(connection, [kept, None]) == [personal, {}]


@pytest.mark.rule("accounts-5")
async def test_erasure_destroys_the_key_for_good(connection: Connection) -> None:
    ann, bob = person(), person()
    event = AuditEvent("createUser", "user", str(ann), personal={ann: {"email": "a@b.c"}, bob: {"email": "d@e.f"}})
    await record(connection, event, KEYS)
    await erase_personal_key(connection, ann, NOW)
    await record(connection, event, KEYS)
    first, second = await stored(connection)
    assert second is not None
    assert str(ann) not in second
    assert await KEYS.open(connection, [first, second]) == [{bob: {"email": "d@e.f"}}] * 2
    rows = await connection.fetch("select wrapped from personal_keys where user_id = $1", ann)
    assert [row["wrapped"] for row in rows] == [None]


@pytest.mark.rule("accounts-5")
async def test_who_was_erased_before_anything_was_kept_gets_no_key(connection: Connection) -> None:
    ann = person()
    await erase_personal_key(connection, ann, NOW)
    await erase_personal_key(connection, ann, NOW)
    await record(connection, AuditEvent("x", "user", str(ann), personal={ann: {"email": "a@b.c"}}), KEYS)
    assert await stored(connection) == [None]


async def test_another_secret_key_opens_nothing(connection: Connection) -> None:
    ann = person()
    await record(connection, AuditEvent("x", "user", str(ann), personal={ann: {"email": "a@b.c"}}), KEYS)
    with pytest.raises(PersonalDataError, match="another secret key"):
        await PersonalKeys(bytes(32)).open(connection, await stored(connection))


async def test_what_is_one_persons_does_not_open_as_anothers(connection: Connection) -> None:
    ann, bob = person(), person()
    personal = {ann: {"email": "a@b.c"}, bob: {"email": "d@e.f"}}
    await record(connection, AuditEvent("x", "user", str(ann), personal=personal), KEYS)
    (kept,) = await stored(connection)
    assert kept is not None
    with pytest.raises(PersonalDataError, match="doesn't open"):
        await KEYS.open(connection, [{str(bob): kept[str(ann)]}])


async def test_personal_data_without_keys_is_a_mistake_of_the_caller(connection: Connection) -> None:
    ann = person()
    event = AuditEvent("x", "user", str(ann), personal={ann: {"email": "a@b.c"}})
    with pytest.raises(ValueError, match="keys of persons"):
        await record(connection, event)
    assert await stored(connection) == []


async def test_many_events_are_recorded_in_their_order(connection: Connection) -> None:
    people = [person() for _ in range(1000)]
    events = [
        AuditEvent("createUser", "user", str(one), after={"organization": one}, personal={one: {"email": f"{n}@b.c"}})
        for n, one in enumerate(people)
    ]
    async with connection.transaction():
        assert await record_many(connection, iter(events), KEYS) == 1000
    rows = await connection.fetch(
        "select target_id, subject_id, organization_id, personal from audit_events order by id"
    )
    assert [row["target_id"] for row in rows] == [str(one) for one in people]
    assert [row["subject_id"] for row in rows] == people
    assert [row["organization_id"] for row in rows] == people
    opened = await KEYS.open(connection, [row["personal"] for row in rows])
    assert [one[user]["email"] for one, user in zip(opened, people, strict=True)] == [f"{n}@b.c" for n in range(1000)]


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (AuditEvent("x", "user", "new"), None),
        (AuditEvent("x", "role_assignment", "a1", before={"user": "11111111-1111-1111-1111-111111111111"}), "1" * 32),
        (AuditEvent("x", "user", "22222222-2222-2222-2222-222222222222"), "2" * 32),
        (AuditEvent("x", "role_assignment", "a1", after={"user": 7}), None),
    ],
)
async def test_an_event_is_found_by_the_person_that_it_names(
    connection: Connection, event: AuditEvent, subject: str | None
) -> None:
    await record(connection, event)
    found = await connection.fetchval("select subject_id from audit_events")
    assert (found.hex if found else None) == subject
