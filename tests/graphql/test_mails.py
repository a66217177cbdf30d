"""Mails and their delivery as the help desk sees them, and retryMail: nobody else knows that there are any."""

from uuid import UUID, uuid4

import pytest

from policy.ids import ProgramCode, SchoolYear
from store.database import Connection
from store.outbox import MailOrder, queue_mail
from tests.graphql.changes import events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, codes, give, person, user_id
from tests.oidc.world import STATE

MAILS = """query ($user: ID, $states: [MailState!]) { mails(user: $user, states: $states) {
    id template state attempts answerCode problem createdAt sentAt user { firstName } } }"""
RETRY = """mutation ($input: RetryMailInput!) { retryMail(input: $input) {
    mail { id state problem } userErrors { path code message remedy } } }"""


@pytest.fixture
async def help_desk(as_person: AsCaller, connection: Connection) -> Caller:
    await person(connection, "helper")
    await give(connection, "helper", "help-desk", STATE, ProgramCode("state"), SchoolYear(""))
    return await as_person("helper")


async def queued(connection: Connection, state: str = "queued") -> UUID:
    id_ = uuid4()
    await queue_mail(connection, id_, MailOrder("password-changed", user_id("teacher")))
    await connection.execute(
        "update messages set state = $2, problem = case when $2 = 'dead' then 'refused' end,"
        " answer_code = case when $2 = 'dead' then 550 end where id = $1",
        id_, state,
    )  # fmt: skip
    await connection.execute("delete from pgqueuer")
    return id_


@pytest.mark.rule("state")
async def test_the_help_desk_sees_how_the_delivery_of_a_person_s_mails_stands(
    help_desk: Caller, connection: Connection
) -> None:
    await queued(connection)
    dead = await queued(connection, "dead")
    of_teacher = (await help_desk.data(MAILS, user=str(user_id("teacher"))))["mails"]
    assert {(one["template"], one["state"], one["user"]["firstName"]) for one in of_teacher} == {
        ("password-changed", "QUEUED", "Teacher"),
        ("password-changed", "DEAD", "Teacher"),
    }
    (one,) = (await help_desk.data(MAILS))["mails"]
    assert (one["id"], one["problem"], one["answerCode"]) == (str(dead), "REFUSED", 550)
    assert (await help_desk.data(MAILS, user=str(user_id("site"))))["mails"] == []
    assert (await help_desk.data(MAILS, user="nobody"))["mails"] == []
    assert len((await help_desk.data(MAILS, states=["QUEUED"]))["mails"]) == 1


@pytest.mark.rule("state")
async def test_a_dead_letter_is_queued_once_more(help_desk: Caller, connection: Connection) -> None:
    dead = await queued(connection, "dead")
    answer = (await help_desk.data(RETRY, input={"mail": str(dead)}))["retryMail"]
    assert answer == {"mail": {"id": str(dead), "state": "QUEUED", "problem": None}, "userErrors": []}
    assert await connection.fetchval("select payload from pgqueuer") == dead.bytes
    (event,) = await events(connection)
    assert (event["action"], event["target_id"], event["actor_id"]) == ("retryMail", str(dead), user_id("helper"))
    again = (await help_desk.data(RETRY, input={"mail": str(dead)}))["retryMail"]
    assert [one["code"] for one in again["userErrors"]] == ["NOT_DEAD"]
    assert again["mail"] is None
    assert await connection.fetchval("select count(*) from pgqueuer") == 1


@pytest.mark.rule("state")
async def test_a_mail_that_there_is_none_of_is_not_found(help_desk: Caller) -> None:
    for id_ in (str(uuid4()), "x"):
        assert [code for code, _ in codes(await help_desk.ask(RETRY, input={"mail": id_}))] == ["NOT_FOUND"]


@pytest.mark.rule("state")
@pytest.mark.parametrize("name", ["primary", "superintendent", "teacher"])
async def test_mails_are_the_help_desk_s(as_person: AsCaller, connection: Connection, name: str) -> None:
    other = await as_person(name)
    dead = await queued(connection, "dead")
    assert "FORBIDDEN" in [code for code, _ in codes(await other.ask(RETRY, input={"mail": str(dead)}))]
    asked = await other.ask(MAILS, user=str(user_id(name)))
    assert codes(asked), "not even one's own"
    assert await connection.fetchval("select state from messages") == "dead"
