"""accessChanged: whom it tells of what, since which version, once each, and where it says that something is missing."""

import asyncio
from datetime import timedelta

import pytest

from gateway.access_listener import Hearing
from gateway.graphql.subscriptions import feed
from store import access_changes
from store.access_changes import LATEST, purge_changes, read_changes
from store.access_version import AccessVersion, raise_epoch, raise_versions
from store.assignments import delete_assignments
from store.database import Connection
from tests.graphql.conftest import AsTokenBearer
from tests.graphql.test_docs import EXAMPLES
from tests.graphql.world import Caller, assignment_id, give, person, user_id
from tests.oidc.world import HILL, PARK
from tests.subscriptions.conftest import AsSession, Connect, acknowledged
from tests.subscriptions.talk import FOLLOW, Talk

TEACHER, STRANGER = str(user_id("teacher")), user_id("stranger")
GAP = (None, True, True)


@pytest.fixture(autouse=True)
def _listening(listener: Hearing) -> Hearing:  # pyright: ignore[reportUnusedFunction]
    return listener


@pytest.fixture
async def _stranger(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    """Somebody who has nothing in any system."""
    await person(connection, "stranger")


async def changed(connection: Connection, *names: str) -> str:
    """These persons' access changes; the version of it."""
    async with connection.transaction():
        return AccessVersion(await raise_versions(connection, [user_id(name) for name in names])).text


async def everybody_changed(connection: Connection) -> str:
    async with connection.transaction():
        return AccessVersion(await raise_epoch(connection)).text


async def now(connection: Connection) -> str:
    return AccessVersion((await read_changes(connection, LATEST)).current).text


async def test_a_system_is_told_of_a_person_who_has_something_in_it(system: Talk, connection: Connection) -> None:
    await system.follow("cers")
    version = await changed(connection, "teacher")
    assert await system.event() == {"accessVersion": version, "user": TEACHER, "everybody": False, "gap": False}


async def test_a_system_is_told_of_a_person_who_had_something_in_it(system: Talk, connection: Connection) -> None:
    await system.follow("cers")
    async with connection.transaction():
        await delete_assignments(connection, [assignment_id("teacher", "test-administrator", PARK)])
        await raise_versions(connection, [user_id("teacher")])
    assert await system.told() == (TEACHER, False, False)


@pytest.mark.usefixtures("_stranger")
async def test_a_system_hears_nothing_of_strangers(system: Talk, connection: Connection) -> None:
    before = await system.follow("cers")
    await changed(connection, "stranger")
    await changed(connection, "stranger", "teacher")
    assert await system.told() == (TEACHER, False, False)
    await system.ask(FOLLOW, "2", system="cers", after=before)
    assert await system.told("2") == (TEACHER, False, False)
    assert await system.told("2") == (None, False, False)


async def test_everybody_is_told_to_everybody(system: Talk, in_session: AsSession, connection: Connection) -> None:
    own = await in_session("teacher")
    await system.follow("cers")
    await own.follow("cers")
    version = await everybody_changed(connection)
    for talk in (system, own):
        assert await talk.event() == {"accessVersion": version, "user": None, "everybody": True, "gap": False}


async def test_a_person_is_told_of_herself_alone(in_session: AsSession, connection: Connection) -> None:
    talk = await in_session("teacher")
    await talk.follow("cers")
    await changed(connection, "colleague")
    await changed(connection, "teacher")
    assert await talk.told() == (TEACHER, False, False)


async def test_a_person_through_a_token_is_told_of_herself_in_its_systems(
    connected: Connect, as_token_bearer: AsTokenBearer, connection: Connection
) -> None:
    talk = await acknowledged(await connected(), await as_token_bearer("site"))
    await talk.follow("cers")
    await changed(connection, "teacher", "site")
    assert await talk.told() == (str(user_id("site")), False, False)
    await talk.ask(FOLLOW, "2", system="toms")
    assert (await talk.error("2"))[0] == "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_a_system_that_is_not_one_s_own_and_one_that_is_not_there_are_refused_alike(
    system: Talk, in_session: AsSession
) -> None:
    refusals: list[tuple[str, str]] = []
    for name in ("toms", "nowhere", ""):
        await system.ask(FOLLOW, system=name)
        refusals.append(await system.error())
    own = await in_session("teacher")
    await own.ask(FOLLOW, system="nowhere")
    refusals.append(await own.error())
    assert set(refusals) == {("UNAUTHORIZED_FIELD_OR_TYPE", "You may not follow the changes of this system.")}


async def test_over_http_nothing_is_followed(as_system: Caller) -> None:
    response = await as_system.post(FOLLOW, system="cers")
    (error,) = response.json()["errors"]
    assert "graphql-transport-ws" in error["message"]
    assert "data" not in response.json()


async def test_changes_since_a_version_come_first_then_live(system: Talk, connection: Connection) -> None:
    before = await now(connection)
    first = await changed(connection, "teacher")
    second = await changed(connection, "colleague")
    await system.ask(FOLLOW, system="cers", after=before)
    assert (await system.event())["accessVersion"] == first
    assert (await system.event())["accessVersion"] == second
    caught_up = await system.event()
    assert caught_up == {"accessVersion": second, "user": None, "everybody": False, "gap": False}
    third = await changed(connection, "teacher")
    assert (await system.event())["accessVersion"] == third


async def test_of_several_at_once_only_the_last_may_be_resumed_after(system: Talk, connection: Connection) -> None:
    """Whoever stops between two persons of one version is told both again."""
    await system.follow("cers")
    await changed(connection, "teacher", "colleague", "shared")
    events = [await system.event() for _ in range(3)]
    assert len({event["user"] for event in events}) == 3
    await system.say("complete", "1")
    for stopped_after, left in ((events[0], 3), (events[1], 3), (events[2], 0)):
        await system.ask(FOLLOW, "2", system="cers", after=stopped_after["accessVersion"])
        again = [await system.event("2") for _ in range(left)]
        assert {event["user"] for event in again} == ({event["user"] for event in events} if left else set())
        assert (await system.event("2"))["user"] is None
        await system.say("complete", "2")


async def test_joining_while_much_changes_misses_nothing_and_repeats_nothing(
    connected: Connect, as_system: Caller, connection: Connection
) -> None:
    before = await now(connection)
    rounds, talks = 60, [await acknowledged(await connected(), as_system) for _ in range(3)]

    async def change() -> None:
        for _ in range(rounds):
            await changed(connection, "teacher")

    async def listen(talk: Talk) -> list[str]:
        seen: list[str] = []
        await talk.ask(FOLLOW, system="cers", after=before)
        while len(seen) < rounds:
            event = await talk.event()
            if event["user"] is not None:
                seen.append(event["accessVersion"])
        return seen

    changing = asyncio.create_task(change())
    heard: list[list[str]] = []
    for talk in talks:
        await asyncio.sleep(0.02)
        heard.append(await listen(talk))
    await changing
    first = AccessVersion.of(before).number + 1
    assert heard == [[AccessVersion(first + number).text for number in range(rounds)]] * 3


async def test_a_version_older_than_what_is_kept_is_a_gap_and_goes_on_live(
    system: Talk, connection: Connection, listener: Hearing
) -> None:
    before = await now(connection)
    await changed(connection, "teacher")
    await connection.execute("update access_changes set at = at - interval '40 days'")
    await purge_changes(connection, listener.now() + timedelta(days=1))
    current = await now(connection)
    await system.ask(FOLLOW, system="cers", after=before)
    assert await system.event() == {"accessVersion": current, "user": None, "everybody": True, "gap": True}
    await changed(connection, "teacher")
    assert await system.told() == (TEACHER, False, False)


async def test_a_version_of_another_time_line_is_a_gap(system: Talk, connection: Connection) -> None:
    number = AccessVersion.of(await now(connection)).number
    await system.ask(FOLLOW, system="cers", after=AccessVersion(number + 5).text)
    assert await system.told() == GAP


async def test_a_text_that_is_no_version_is_refused(system: Talk) -> None:
    await system.ask(FOLLOW, system="cers", after="1")
    assert (await system.error())[0] == "BAD_USER_INPUT"


async def test_more_at_once_than_is_kept_for_one_reader_is_a_gap(
    system: Talk, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await system.follow("cers")
    monkeypatch.setattr(feed, "MOST_WAITING", 2)
    version = await changed(connection, "teacher", "colleague", "shared")
    assert await system.event() == {"accessVersion": version, "user": None, "everybody": True, "gap": True}
    await changed(connection, "teacher")
    assert await system.told() == (TEACHER, False, False)


async def test_more_at_once_than_is_read_is_a_gap_for_all(
    system: Talk, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await system.follow("cers")
    monkeypatch.setattr(access_changes, "MOST_CHANGES", 2)
    await changed(connection, "teacher", "colleague", "shared")
    assert await system.told() == GAP


async def test_a_role_of_an_earlier_year_still_concerns_its_systems(system: Talk, connection: Connection) -> None:
    await system.follow("cers")
    await person(connection, "newcomer")
    await give(connection, "newcomer", "site-coordinator", HILL)
    assert await system.told() == (str(user_id("newcomer")), False, False)


async def test_the_documented_example_is_told(system: Talk, connection: Connection) -> None:
    await system.ask(EXAMPLES["Changes"])
    await system.event()
    await changed(connection, "teacher")
    assert await system.told() == (TEACHER, False, False)


async def test_fields_are_as_selected_and_typename_is_told(system: Talk, connection: Connection) -> None:
    await system.ask('subscription { changed: accessChanged(system: "cers") { __typename everybody } }')
    assert (await system.hear())["payload"]["data"] == {"changed": {"__typename": "AccessChange", "everybody": False}}
    await everybody_changed(connection)
    assert (await system.hear())["payload"]["data"] == {"changed": {"__typename": "AccessChange", "everybody": True}}
