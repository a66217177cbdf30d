"""The client's token: judged strictly, asked for once by many at a time, renewed before and when it ends."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from examples.decisions_client import (
    AsyncDecisionClient,
    Cause,
    Question,
    Refused,
    Settings,
)
from examples.decisions_client.reading import Reply
from examples.decisions_client.tokens import KeptToken
from tests.examples.answering import (
    ADDRESS,
    PARK,
    SITE,
    VIEW,
    Answer,
    Gateway,
    allowing,
    raising,
    saying,
    token_body,
)

TOKENS: list[tuple[Cause, Answer]] = [
    (Cause.UNREACHABLE, raising(httpx2.ConnectError("x"))),
    (Cause.UNREACHABLE, saying("x", 500)),
    (Cause.CREDENTIALS, saying({"error": "invalid_client"}, 401)),
    (Cause.CREDENTIALS, saying(token_body(scope=None))),
    (Cause.CREDENTIALS, saying(token_body(scope="openid"))),
    (Cause.ANSWER, saying(token_body(access_token=None))),
    (Cause.ANSWER, saying(token_body(access_token="a\nb"))),
    (Cause.ANSWER, saying(token_body(expires_in=None))),
    (Cause.ANSWER, saying(token_body(expires_in=0))),
    (Cause.ANSWER, saying(token_body(expires_in=True))),
    (Cause.ANSWER, saying(token_body(token_type="DPoP"))),
    (Cause.ANSWER, saying(token_body(), headers={"content-type": "text/html"})),
    (Cause.ANSWER, saying(b"{")),
]


@pytest.mark.parametrize(("cause", "answer"), TOKENS)
def test_without_a_good_token_nothing_is_asked(cause: Cause, answer: Answer) -> None:
    gateway = Gateway([saying(allowing())], [answer])
    found = gateway.client().evaluate(SITE, VIEW, PARK)
    assert isinstance(found, Refused)
    assert (found.cause, gateway.asked) == (cause, [])


def test_the_secret_goes_nowhere_in_the_clear() -> None:
    for address in ("http://h.example", "ftp://x", "hallpass.example", "https://", "https://h/path", "https://a@h"):
        with pytest.raises(ValueError, match="address"):
            Settings(address, "me", "secret")
    assert "secret" not in repr(Settings("https://hallpass.example", "me", "secret"))


def test_one_token_serves_many_threads_and_is_asked_for_once() -> None:
    def slow(request: httpx2.Request) -> httpx2.Response:
        waiting.wait(5)
        return saying(token_body())(request)

    waiting = threading.Event()
    gateway = Gateway([saying(allowing())], [slow])
    client = gateway.client()
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(client.evaluate, SITE, VIEW, PARK) for _ in range(8)]
        waiting.set()
        assert all(one.result().allowed for one in asked)
    assert (gateway.tokens_asked, len(gateway.asked)) == (1, 8)


async def test_one_token_serves_many_tasks_and_is_asked_for_once() -> None:
    gateway = Gateway([saying(allowing())])
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(gateway))
    async with AsyncDecisionClient(Settings(ADDRESS, "me", "secret"), http) as client:
        found = await asyncio.gather(*(client.evaluate(SITE, VIEW, PARK) for _ in range(8)))
        assert all(one.allowed for one in found)
        several = [Question(SITE, VIEW, PARK)] * 250
        assert {one.allowed for one in await client.evaluate_all(several)} == {False}
    assert gateway.tokens_asked == 1


def test_those_who_waited_for_a_token_in_vain_do_not_each_ask_again() -> None:
    gateway = Gateway([saying(allowing())], [saying("x", 500)])
    client = gateway.client()
    assert [client.evaluate(SITE, VIEW, PARK).allowed for _ in range(5)] == [False] * 5
    assert gateway.tokens_asked == 1


def test_a_token_is_renewed_shortly_before_its_end() -> None:
    kept = KeptToken()
    reply = Reply(200, {"content-type": "application/json"}, json.dumps(token_body(expires_in=300)).encode())
    assert kept.keep(reply, asked_at=1000.0, now=1002.0) == "t"
    assert (kept.good(1269.9), kept.good(1270.0)) == ("t", None)
    short = Reply(200, {"content-type": "application/json"}, json.dumps(token_body(expires_in=10)).encode())
    kept.keep(short, asked_at=2000.0, now=2000.0)
    assert (kept.good(2004.9), kept.good(2005.0)) == ("t", None)
