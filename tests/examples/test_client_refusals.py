"""The client allows nothing on an answer that is incomplete, foreign, late, contradictory or not understood."""

import gzip
import json
from typing import Any

import httpx2
import pytest

from examples.decisions_client import Allowed, Cause, Denied, Question, Refused, RefusedError
from tests.examples.answering import (
    PARK,
    SITE,
    VERSION,
    VIEW,
    Answer,
    Gateway,
    allowing,
    denying,
    identifier,
    raising,
    saying,
)


def test_an_allowed_and_a_denied_question() -> None:
    assert Gateway([saying(allowing())]).client().evaluate(SITE, VIEW, PARK) == Allowed(identifier(), VERSION)
    found = Gateway([saying(denying())]).client().evaluate(SITE, VIEW, PARK)
    assert isinstance(found, Denied)
    assert (found.reason, found.allowed) == ("no-assignment", False)


INCOMPLETE: dict[str, Any] = {
    "no object": [],
    "nothing": {},
    "no decision": {"context": allowing()["context"]},
    "decision null": {**allowing(), "decision": None},
    "decision as text": {**allowing(), "decision": "true"},
    "decision as number": {**allowing(), "decision": 1},
    "no context": {"decision": True},
    "no reason": allowing(reason=None),
    "unknown reason": allowing(reason="granted-for-now"),
    "reason of a denial": allowing(reason="suspended"),
    "reason as list": allowing(reason=["granted"]),
    "denied as granted": {**allowing(), "decision": False},
    "no version": allowing(access_version=None),
    "no version's form": allowing(access_version="7"),
    "version as number": allowing(access_version=7),
    "no id": allowing(decision_id=None),
    "no id's form": allowing(decision_id="x"),
    "something missing": allowing(missing=[]),
    "asserted by half": allowing(asserted="yes"),
    "a condition that nobody knows": allowing(obligations=["mfa"]),
    "complete: false": allowing(complete=False),
    "a member that nobody knows": {**allowing(), "partial": True},
    "cut off": json.dumps(allowing()).encode()[:-1],
    "twice a decision": b'{"decision":false,' + json.dumps(allowing()).encode()[1:],
    "two documents": json.dumps(allowing()).encode() * 2,
    "not a number": b'{"decision":NaN}',
    "UTF-16": json.dumps(allowing()).encode("utf-16"),
    "endless depth": b"[" * 100_000,
    "empty": b"",
    "too long": json.dumps(allowing()).encode() + b" " * 1_000_000,
}


@pytest.mark.parametrize("body", INCOMPLETE.values(), ids=INCOMPLETE)
def test_an_incomplete_answer_is_refused(body: Any) -> None:
    gateway = Gateway([saying(body)])
    found = gateway.client().evaluate(SITE, VIEW, PARK)
    assert isinstance(found, Refused)
    assert (found.cause, found.allowed) == (Cause.ANSWER, False)
    assert len(gateway.asked) == 1
    several = Gateway([saying(body if isinstance(body, bytes) else {"evaluations": [body]})])
    assert not several.client().evaluate_all([Question(SITE, VIEW, PARK)])[0].allowed


REFUSED: dict[str, tuple[Cause, Answer, int]] = {
    "no connection": (Cause.UNREACHABLE, raising(httpx2.ConnectError("x")), 3),
    "no answer in time": (Cause.UNREACHABLE, raising(httpx2.ReadTimeout("x")), 3),
    "broken off": (Cause.UNREACHABLE, raising(httpx2.RemoteProtocolError("x")), 3),
    "503": (Cause.UNREACHABLE, saying("away", 503), 3),
    "429": (Cause.UNREACHABLE, saying("slower", 429), 3),
    "come back in an hour": (Cause.UNREACHABLE, saying("away", 503, {"retry-after": "3600"}), 1),
    "500": (Cause.UNREACHABLE, saying("broken", 500), 1),
    "401": (Cause.CREDENTIALS, saying("who?", 401), 2),
    "403": (Cause.CREDENTIALS, saying("no", 403), 1),
    "400": (Cause.QUESTION, saying("What?", 400), 1),
    "302": (Cause.ANSWER, saying(allowing(), 302, {"location": "/elsewhere"}), 1),
    "201": (Cause.ANSWER, saying(allowing(), 201), 1),
    "206": (Cause.ANSWER, saying(allowing(), 206), 1),
    "as HTML": (Cause.ANSWER, saying(allowing(), headers={"content-type": "text/html"}), 1),
    "without a type": (Cause.ANSWER, saying(allowing(), headers={"content-type": ""}), 1),
    "of another request": (Cause.ANSWER, saying(allowing(), headers={"x-request-id": identifier(7)}), 1),
    "of no request": (Cause.ANSWER, lambda _: httpx2.Response(200, json=allowing()), 1),
}


@pytest.mark.parametrize(("cause", "answer", "requests"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_answer_is_refused_and_asked_again_where_that_may_help(
    cause: Cause, answer: Answer, requests: int
) -> None:
    gateway = Gateway([answer])
    found = gateway.client().evaluate(SITE, VIEW, PARK)
    assert isinstance(found, Refused)
    assert (found.cause, len(gateway.asked)) == (cause, requests)
    assert len({request.headers["x-request-id"] for request in gateway.asked}) == requests
    with pytest.raises(RefusedError):
        gateway.client().resources(SITE, VIEW, "organization")


def test_the_second_attempt_may_bring_the_answer() -> None:
    gateway = Gateway([saying("away", 503), saying(allowing())])
    assert gateway.client().evaluate(SITE, VIEW, PARK).allowed
    ended = Gateway([saying("ended", 401), saying(allowing())])
    assert ended.client().evaluate(SITE, VIEW, PARK).allowed
    assert ended.tokens_asked == 2


@pytest.mark.parametrize(
    ("answers", "outcomes"),
    [
        ([allowing(1), denying(2)], [True, False]),
        ([allowing(1)], None),
        ([allowing(1), denying(2), denying(3)], None),
        ([], None),
        ([allowing(1), allowing(1)], None),
        ([allowing(1), {"decision": False, "context": {"error": {"status": 400, "message": "What?"}}}], [True, False]),
        ([allowing(1), {"decision": True, "context": {"error": {"status": 400, "message": "What?"}}}], None),
        ([allowing(1), {"decision": True}], None),
        ([allowing(1), None], None),
    ],
)
def test_there_are_as_many_answers_as_questions_or_none(answers: list[Any], outcomes: list[bool] | None) -> None:
    gateway = Gateway([saying({"evaluations": answers})])
    found = gateway.client().evaluate_all([Question(SITE, VIEW, PARK)] * 2)
    assert [one.allowed for one in found] == (outcomes or [False, False])
    if outcomes is None:
        assert all(isinstance(one, Refused) for one in found)


def test_a_compressed_answer_is_refused_without_being_unpacked() -> None:
    bomb = gzip.compress(json.dumps(allowing()).encode())
    gateway = Gateway([saying(bomb, headers={"content-encoding": "gzip"})])
    with gateway.client() as client:
        outcome = client.evaluate(SITE, VIEW, PARK)
    assert isinstance(outcome, Refused)
    assert gateway.asked[0].headers["accept-encoding"] == "identity"
