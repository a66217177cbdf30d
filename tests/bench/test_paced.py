"""A paced load sends when requests are due, and counts each answer's time from then."""

from bench.http_contender import loaded
from bench.load.histogram import Histogram
from bench.load.job import Job
from bench.load.run import run
from tests.bench.tiny_server import REQUEST, answer, tiny_server


def job(port: int, *, rate: float, connections: int = 4, seconds: float = 0.5, most: int = 1000) -> Job:
    return Job(port, REQUEST, connections, seconds, rate=rate, most_requests=most)


async def test_as_many_requests_come_as_are_due_over_kept_connections() -> None:
    async with tiny_server(lambda _: answer()) as server:
        result = await run(job(server.port, rate=100))
    assert (result.answers, result.errors, server.requests, server.connections) == (50, 0, 50, 4)
    assert result.seconds >= 0.49


async def test_a_stall_is_counted_for_every_request_that_it_kept_waiting() -> None:
    """One connection, 20 ms between requests, the fifth takes 300 ms: some 15 wait, the next one about 280 ms."""
    async with tiny_server(lambda _: answer(), delay_of=lambda number: 0.3 if number == 4 else 0) as server:
        result = await run(job(server.port, rate=50, connections=1, seconds=1))
    waited = sum(count for bucket, count in result.latencies.counts().items() if bucket >= _bucket_of(50_000))
    assert (result.answers, result.errors) == (50, 0)
    assert 8 <= waited <= 20
    assert result.latencies.percentile(0.9) >= 150_000


async def test_a_closed_connection_is_an_error_and_is_replaced() -> None:
    async with tiny_server(lambda number: None if number == 10 else answer()) as server:
        result = await run(job(server.port, rate=200, connections=1))
    assert (result.answers, result.errors, server.connections) == (99, 1, 2)


async def test_what_is_late_at_the_end_is_still_sent() -> None:
    async with tiny_server(lambda _: answer(), delay_of=lambda _: 0.05) as server:
        result = await run(job(server.port, rate=100, connections=1, seconds=0.2))
    assert (result.answers, result.errors) == (20, 0)
    assert result.seconds >= 0.9


async def test_a_paced_load_is_bounded_by_its_requests() -> None:
    async with tiny_server(lambda _: answer()) as server:
        result = await run(job(server.port, rate=1000, most=20))
    assert (result.answers, server.requests) == (20, 20)


async def test_the_process_answers_as_the_function_does() -> None:
    async with tiny_server(lambda number: answer(404 if number == 7 else 200)) as server:
        result = await loaded(job(server.port, rate=100))
    assert (result.answers, result.errors) == (49, 1)


def _bucket_of(microseconds: int) -> int:
    histogram = Histogram()
    histogram.record(microseconds)
    return next(iter(histogram.counts()))
