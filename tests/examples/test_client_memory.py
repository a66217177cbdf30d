"""Kept decisions: off by default, bounded, never older than said, never what was refused, forgotten when told."""

from examples.decisions_client import Allowed, Cause, Denied, Question, Refused
from examples.decisions_client.memory import Memory
from examples.decisions_client.terms import Reason, UserResource, UserSubject
from tests.examples.answering import PARK, SITE, VERSION, VIEW, Gateway, allowing, identifier, saying

YES, NO = Allowed(identifier(1), VERSION), Denied(Reason.NO_ASSIGNMENT, identifier(2))
QUESTION, OTHER = Question(SITE, VIEW, PARK), Question(UserSubject("2"), VIEW, PARK)


def test_nothing_is_kept_unless_it_is_wished() -> None:
    gateway = Gateway([saying(allowing())])
    client = gateway.client()
    assert client.evaluate(SITE, VIEW, PARK).allowed
    assert client.evaluate(SITE, VIEW, PARK).allowed
    assert len(gateway.asked) == 2


def test_a_kept_decision_is_used_for_the_same_question_and_version() -> None:
    gateway = Gateway([saying(allowing())])
    client = gateway.client(keep_seconds=60.0)
    for _ in range(3):
        assert client.evaluate(SITE, VIEW, PARK).allowed
    assert len(gateway.asked) == 1
    client.evaluate(SITE, VIEW, PARK, at_least=VERSION)
    client.evaluate(UserSubject("2"), VIEW, PARK)
    assert len(gateway.asked) == 3
    client.forget("2")
    client.evaluate(SITE, VIEW, PARK)
    client.evaluate(UserSubject("2"), VIEW, PARK)
    assert len(gateway.asked) == 4
    client.forget()
    client.evaluate(SITE, VIEW, PARK)
    assert len(gateway.asked) == 5


def test_it_ends_with_its_seconds_which_count_from_the_question() -> None:
    memory = Memory(5.0, 10)
    memory.keep(QUESTION, None, YES, asked_at=100.0, age=0)
    assert memory.get(QUESTION, None, 104.9) == YES
    assert memory.get(QUESTION, None, 105.0) is None


def test_there_are_never_more_than_said() -> None:
    memory = Memory(5.0, 2)
    for number in range(3):
        memory.keep(Question(UserSubject(str(number)), VIEW, PARK), None, YES, asked_at=0.0, age=0)
    kept = [memory.get(Question(UserSubject(str(number)), VIEW, PARK), None, 1.0) for number in range(3)]
    assert kept == [None, YES, YES]


def test_an_answer_that_was_on_its_way_when_access_changed_is_not_kept() -> None:
    memory = Memory(5.0, 2)
    age = memory.age
    memory.forget("1")
    memory.keep(QUESTION, None, YES, asked_at=0.0, age=age)
    assert memory.get(QUESTION, None, 1.0) is None


def test_refusals_and_what_rests_on_two_people_are_not_kept() -> None:
    memory = Memory(5.0, 9)
    memory.keep(QUESTION, None, Refused(Cause.UNREACHABLE, ""), asked_at=0.0, age=0)
    memory.keep(Question(SITE, VIEW, UserResource("3")), None, YES, asked_at=0.0, age=0)
    memory.keep(OTHER, None, NO, asked_at=0.0, age=0)
    assert memory.get(QUESTION, None, 1.0) is None
    assert memory.get(Question(SITE, VIEW, UserResource("3")), None, 1.0) is None
    assert memory.get(OTHER, None, 1.0) == NO
