"""The decision log: a sample, behind the answers, bounded, without students or names, written out at the end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateway.decisions.log import DecisionLog, purge
from gateway.state import Gateway
from store.database import Connection, Pool
from store.decision_log import LoggedDecision
from tests.decisions.conftest import Api
from tests.graphql.world import PARK, user_id

ONE = LoggedDecision(
    uuid4(), datetime(2026, 11, 22, tzinfo=UTC), "scoring", None, uuid4(), "a:b:c", "organization", None, False,
    "no-assignment", 7, "r",
)  # fmt: skip
VIEW = {"name": "thss:responses:view", "properties": {"assessment": "interim"}}
SITE = {"type": "user", "id": str(user_id("site"))}
AT_PARK = {"type": "organization", "id": "school:19647331930000"}


def fresh(count: int) -> list[LoggedDecision]:
    return [replace(ONE, id=uuid4()) for _ in range(count)]


@pytest.fixture
def everything(gateway: Gateway) -> DecisionLog:
    """The gateway's log, taking every decision."""
    log = gateway.decision_log
    log.__init__(1.0, 1.0)
    return log


async def test_what_is_kept_of_a_decision(
    thss: Api, everything: DecisionLog, pool: Pool, connection: Connection
) -> None:
    number = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    body = {"subject": SITE, "action": VIEW, "resource": AT_PARK}
    answer = (await thss.post("evaluation", body, **{"X-Request-ID": number})).json()
    await everything.flush(pool)
    row = dict((await connection.fetch("select * from decision_log"))[0].items())
    assert str(row.pop("id")) == answer["context"]["decision_id"]
    assert row.pop("at") is not None
    assert row.pop("access_version") is not None
    assert row == {
        "asker_client": "scoring", "asker_user": None, "subject": user_id("site"),
        "permission": "thss:responses:view", "resource_kind": "organization", "resource_id": str(PARK),
        "allowed": True, "reason": "granted", "request_id": number,
    }  # fmt: skip


async def test_students_and_unknown_ids_are_not_kept(
    hallpass: Api, everything: DecisionLog, pool: Pool, connection: Connection
) -> None:
    view = {"name": "toms:student-tests:view"}
    for resource in (
        {"type": "student", "id": "8123456789", "properties": {"organization": AT_PARK["id"]}},
        {"type": "organization", "id": "school:8123456789"},
        {"type": "student_group", "id": "8123456789"},
        {"type": "response", "id": "8123456789", "properties": {"organization": "8123456789"}},
    ):
        await hallpass.evaluate(SITE, view, resource)
    await hallpass.evaluate(SITE, {"name": "open"}, {"type": "system", "id": "8123456789"})
    await everything.flush(pool)
    rows = await connection.fetch("select l::text as row, resource_id from decision_log l")
    assert len(rows) == 5
    assert all("8123456789" not in row["row"] and row["resource_id"] is None for row in rows)


async def test_rates_are_of_denials_and_of_allowed_questions_apart() -> None:
    chances = iter([0.005, 0.5] * 100)
    log = DecisionLog(chance=lambda: next(chances))
    assert [log.wants(allowed=False) for _ in range(3)] == [True] * 3
    assert [log.wants(allowed=True) for _ in range(4)] == [True, False, True, False]
    assert not DecisionLog(denials=0).wants(allowed=False)


async def test_a_full_queue_drops_and_counts(pool: Pool, connection: Connection) -> None:
    log = DecisionLog(most=3)
    for one in fresh(5):
        log.take(one)
    assert log.wants(allowed=False) is False
    await log.flush(pool)
    assert (log.written, log.dropped) == (3, 3)
    assert await connection.fetchval("select count(*) from decision_log") == 3


async def test_a_batch_that_cannot_be_written_is_dropped_and_counted(pool: Pool) -> None:
    log = DecisionLog()
    log.take(ONE)
    log.take(ONE)
    await log.flush(pool)
    assert (log.written, log.dropped) == (0, 2)


async def test_what_is_left_is_written_when_the_process_stops(pool: Pool, connection: Connection) -> None:
    log = DecisionLog(most=2_000)
    async with log.writing(pool, lambda: datetime.now(UTC), timedelta(days=90)):
        for one in fresh(1_500):
            log.take(one)
    assert await connection.fetchval("select count(*) from decision_log") == 1_500


async def test_old_rows_are_deleted(pool: Pool, connection: Connection) -> None:
    log = DecisionLog()
    log.take(ONE)
    log.take(replace(ONE, id=uuid4(), at=ONE.at + timedelta(days=2)))
    await log.flush(pool)
    await purge(pool, ONE.at + timedelta(days=1))
    assert await connection.fetchval("select array_agg(at) from decision_log") == [ONE.at + timedelta(days=2)]
