"""No mutation of an answer's bytes allows what the gateway denied."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from examples.decisions_client import Denied
from examples.decisions_client.reading import IncompleteError, Reply, read_decision, read_decisions, read_object
from tests.examples.answering import (
    PARK,
    SITE,
    VERSION,
    VIEW,
    Gateway,
    allowing,
    denying,
    saying,
)


@st.composite
def _mutated(draw: Callable[..., Any], text: bytes) -> bytes:
    """One piece cut out, put in or replaced; or a few bytes changed."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 60)))
    words = [b"true", b"false", b'"granted"', b"null", b'"decision":true', b',"decision":true', b'"reason":"granted",']
    piece = draw(st.one_of(st.binary(max_size=8), st.sampled_from(words), st.just(text[start : start + 40])))
    return text[:start] + piece + text[end:]


DENIED = json.dumps(denying(access_version=VERSION)).encode()


@settings(max_examples=600, derandomize=True, deadline=None)
@given(_mutated(DENIED))
def test_no_mutation_of_a_denial_is_an_allowance(body: bytes) -> None:
    reply = Reply(200, {"content-type": "application/json", "x-request-id": "i"}, body)
    try:
        found = read_decision(read_object(reply, "i"))
    except IncompleteError:
        return
    assert isinstance(found, Denied)


SEVERAL = json.dumps({"evaluations": [denying(1), allowing(2), denying(3)]}).encode()


@settings(max_examples=600, derandomize=True, deadline=None)
@given(_mutated(SEVERAL))
def test_no_mutation_of_several_answers_allows_what_was_denied(body: bytes) -> None:
    reply = Reply(200, {"content-type": "application/json", "x-request-id": "i"}, body)
    try:
        found = read_decisions(read_object(reply, "i"), 3)
    except IncompleteError:
        return
    assert [one.allowed for one in found] in ([False, True, False], [False, False, False])


@settings(max_examples=300, derandomize=True, deadline=None)
@given(_mutated(DENIED))
def test_no_mutation_makes_the_client_fall_over(body: bytes) -> None:
    gateway = Gateway([saying(body)])
    assert gateway.client().evaluate(SITE, VIEW, PARK).allowed is False
