"""uploadProgress: the sender is told of each step until nobody works on her file; nobody else is told anything."""

from uuid import UUID, uuid4

from gateway.state import Gateway
from gateway.uploads.working import work_on
from policy.upload_kinds import UploadState
from store.uploads import write_progress
from tests.subscriptions.conftest import AsSession
from tests.subscriptions.talk import Talk
from tests.uploads.files import PARK_CODE, TA, move, send, toms

FOLLOW = """subscription ($id: ID!) { uploadProgress(id: $id) { upload state phase done total version } }"""
DATA = toms(("ada@valley.example", TA, PARK_CODE))


async def told(talk: Talk) -> tuple[str, str, int, int]:
    message = await talk.hear()
    assert message["type"] == "next", message
    event = message["payload"]["data"]["uploadProgress"]
    return event["state"], event["phase"], event["done"], event["total"]


async def test_the_sender_is_told_of_each_step_and_of_the_end(gateway: Gateway, in_session: AsSession) -> None:
    talk = await in_session("primary")
    upload = await send(gateway, DATA)
    await move(gateway, upload, UploadState.VALIDATING)
    await talk.ask(FOLLOW, id=str(upload))
    assert await told(talk) == ("VALIDATING", "", 0, 0)
    async with gateway.pool.acquire() as connection:
        await write_progress(connection, upload, "Reading", 1, 2)
    assert await told(talk) == ("VALIDATING", "Reading", 1, 2)
    await work_on(gateway, upload)
    while (event := await told(talk))[0] == "VALIDATING":
        pass
    assert event[0] == "VALIDATED"
    assert (await talk.hear())["type"] == "complete"


async def test_a_file_on_which_nobody_works_ends_at_once(gateway: Gateway, in_session: AsSession) -> None:
    talk = await in_session("primary")
    await talk.ask(FOLLOW, id=str(await send(gateway, DATA)))
    assert (await told(talk))[0] == "RECEIVED"
    assert (await talk.hear())["type"] == "complete"


async def test_anybody_elses_file_and_none_are_refused_alike(gateway: Gateway, in_session: AsSession) -> None:
    talk = await in_session("additional")
    errors: list[tuple[str, str]] = []
    for number, upload in enumerate((await send(gateway, DATA), uuid4(), UUID(int=0))):
        await talk.ask(FOLLOW, str(number), id=str(upload))
        errors.append(await talk.error(str(number)))
    assert len(set(errors)) == 1
