"""A leaky bucket of points per caller: taken before, the unused given back, and one sentence when it is empty."""

import pytest

from gateway.graphql.admission import Admission
from gateway.graphql.budget import Budget, bucket_key
from gateway.refusals import Kind, RefusedError
from gateway.state import Gateway
from policy.caller import Anonymous, SystemCaller
from tests.graphql.conftest import AsCaller
from tests.graphql.settings import asked_under
from tests.graphql.world import Caller


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_points_are_taken_and_come_back_with_time(seconds: Seconds) -> None:
    budget = Budget(100, 10, seconds)
    assert budget.take("a", 60) == 0
    assert budget.take("a", 60) == 2
    assert budget.settle("a", 0) == 40, "what is refused takes nothing"
    seconds.now += 2
    assert budget.take("a", 60) == 0
    seconds.now += 1000
    assert budget.settle("a", 0) == 100, "never more than the capacity"


def test_callers_have_buckets_of_their_own(seconds: Seconds) -> None:
    budget = Budget(100, 10, seconds)
    assert budget.take("a", 100) == 0
    assert budget.take("b", 100) == 0
    assert budget.take("a", 1) == 1


def test_unused_points_are_given_back_and_used_ones_beyond_are_owed(seconds: Seconds) -> None:
    budget = Budget(100, 10, seconds)
    budget.take("a", 80)
    budget.settle("a", 70)
    assert budget.settle("a", 0) == 90
    budget.settle("a", -150)
    assert budget.settle("a", 0) == 0
    assert budget.take("a", 10) == 7


def test_the_memory_of_buckets_is_bounded(seconds: Seconds) -> None:
    budget = Budget(100, 10, seconds, most_buckets=3)
    for key in range(50):
        budget.take(key, 1)
    assert len(budget._buckets) == 3  # pyright: ignore[reportPrivateUsage]


def test_who_is_unknown_is_told_apart_by_address() -> None:
    anonymous = Anonymous()
    assert bucket_key(anonymous, "192.0.2.1") != bucket_key(anonymous, "192.0.2.2")
    assert bucket_key(anonymous, "2001:db8::1") == bucket_key(anonymous, "2001:db8::ffff:1"), "one machine's network"
    assert bucket_key(anonymous, "2001:db8::1") != bucket_key(anonymous, "2001:db8:0:1::1")
    assert bucket_key(anonymous, "no address") == bucket_key(anonymous, "")
    system = SystemCaller("reporting", frozenset())
    assert bucket_key(system, "192.0.2.1") == bucket_key(system, "192.0.2.2")


def test_an_admission_takes_once_and_follows_the_caller(seconds: Seconds) -> None:
    budget = Budget(100, 10, seconds)
    first, second = SystemCaller("first", frozenset()), SystemCaller("second", frozenset())
    admission = Admission(budget, 40, apart=10)
    admission.enter(first)
    admission.enter(first)
    assert budget.settle(bucket_key(first, ""), 0) == 60
    admission.enter(second)
    assert (budget.settle(bucket_key(first, ""), 0), budget.settle(bucket_key(second, ""), 0)) == (100, 60)
    assert admission.settle(5) == {
        "requested": 40,
        "actual": 15,
        "budget": {"maximum": 100, "available": 85, "restoreRate": 10},
    }


def test_an_empty_bucket_refuses_with_the_seconds_to_wait(seconds: Seconds) -> None:
    budget = Budget(100, 10, seconds)
    system = SystemCaller("first", frozenset())
    Admission(budget, 100).enter(system)
    with pytest.raises(RefusedError) as refused:
        Admission(budget, 30).enter(system)
    assert (refused.value.kind, refused.value.headers) == (Kind.THROTTLED, {"Retry-After": "3"})
    assert refused.value.message.endswith("ask again in 3 seconds.")


async def test_every_answer_says_what_it_cost(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    answer = (await asking.post("{ users(first: 10) { nodes { id } } viewer { user { id } } }")).json()
    cost = answer["extensions"]["cost"]
    assert cost["requested"] == 13
    assert cost["actual"] == 3 + len(answer["data"]["users"]["nodes"])
    assert cost["budget"] == {"maximum": 2_000_000, "available": cost["budget"]["available"], "restoreRate": 1_000_000}
    again = (await asking.post("{ viewer { accessVersion } }")).json()
    assert again["extensions"]["cost"]["requested"] == again["extensions"]["cost"]["actual"] == 1


@pytest.mark.checklist("58 cost")
async def test_an_operation_beyond_the_maximum_is_refused_before_it_runs(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    response = await asking.post(
        "{ users(first: 100) { nodes { assignments(first: 100) { nodes { grants { role } } } } } }"
    )
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert "may cost 610,201 points, where 100,000 are allowed" in error["message"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "cost": {"requested": 610_201, "maximum": 100_000}}


async def test_who_has_spent_everything_waits_and_others_do_not(as_person: AsCaller, gateway: Gateway) -> None:
    primary, site = await as_person("primary"), await as_person("site")
    limits = {"graphql_max_cost": 1000, "graphql_cost_capacity": 1000, "graphql_cost_restore": 1}
    async with asked_under(gateway, **limits) as http:
        spender, other = Caller(http, primary.headers), Caller(http, site.headers)
        many = "{ " + " ".join(f"a{n}: viewer {{ user {{ id }} }}" for n in range(30)) + " }"
        answers = [await spender.post(many) for _ in range(30)]
        response = answers[-1]
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) > 0
        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "THROTTLED"
        assert error["extensions"]["requestId"] == response.headers["x-request-id"]
        assert (await other.post("{ viewer { accessVersion } }")).status_code == 200
        assert (await spender.post("{ __typename }")).status_code == 200, "what costs nothing is answered"
