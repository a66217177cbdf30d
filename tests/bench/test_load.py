"""The load process counts right answers and errors exactly, keeps its connections and its bounds."""

import pytest

from bench.http import Answer, answer_to, request_bytes
from bench.http_contender import loaded
from bench.load.job import MOST_CONNECTIONS, MOST_RATE, MOST_SECONDS, Job, LoadResult
from bench.load.run import run
from bench.servers import free_port
from tests.bench.tiny_server import REQUEST, answer, tiny_server


def job(port: int, *, connections: int = 4, seconds: float = 20, most: int = 100, least_bytes: int = 0) -> Job:
    return Job(port, REQUEST, connections, seconds, least_bytes=least_bytes, most_requests=most)


async def test_every_answer_is_counted_once_over_kept_connections() -> None:
    async with tiny_server(lambda _: answer()) as server:
        result = await run(job(server.port))
    assert (result.answers, result.errors, result.latencies.total) == (100, 0, 100)
    assert (server.requests, server.connections, server.bodies) == (100, 4, {b"{}"})
    assert result.per_second == pytest.approx(100 / result.seconds)


async def test_fewer_requests_than_connections() -> None:
    async with tiny_server(lambda _: answer()) as server:
        result = await run(job(server.port, connections=8, most=3))
    assert (result.answers, server.requests) == (3, 3)


async def test_another_status_is_an_error() -> None:
    async with tiny_server(lambda number: answer(500 if number % 4 == 0 else 200)) as server:
        result = await run(job(server.port))
    assert (result.answers, result.errors) == (75, 25)
    assert result.first_error == "status 500 with 2 bytes"


async def test_a_short_body_is_an_error() -> None:
    async with tiny_server(lambda number: answer(body=b"x" * (10 if number else 9))) as server:
        result = await run(job(server.port, least_bytes=10))
    assert (result.answers, result.errors) == (99, 1)


async def test_a_closed_connection_is_an_error_and_is_replaced() -> None:
    async with tiny_server(lambda number: None if number == 10 else answer()) as server:
        result = await run(job(server.port))
    assert (result.answers, result.errors, server.requests) == (99, 1, 100)
    assert server.connections == 5


async def test_a_connection_that_ends_by_agreement_is_no_error() -> None:
    async with tiny_server(lambda number: answer(more="Connection: close\r\n" if number == 10 else "")) as server:
        result = await run(job(server.port))
    assert (result.answers, result.errors, server.connections) == (100, 0, 5)


async def test_what_is_no_http_is_an_error() -> None:
    async with tiny_server(lambda number: b"what?\r\n\r\n" if number == 0 else answer()) as server:
        result = await run(job(server.port, connections=1))
    assert (result.answers, result.errors) == (99, 1)


async def test_a_server_that_only_fails_is_given_up() -> None:
    async with tiny_server(lambda _: answer(503)) as server:
        result = await run(job(server.port, most=5000))
    assert (result.answers, result.errors) == (0, 200)


async def test_time_ends_a_load_once_the_last_answers_are_there() -> None:
    async with tiny_server(lambda _: answer(), delay=0.2) as server:
        result = await run(job(server.port, connections=3, seconds=0.3))
    assert (result.answers, result.errors, server.requests) == (6, 0, 6)
    assert 0.4 <= result.seconds < 5


async def test_nothing_listens() -> None:
    with pytest.raises(OSError, match="Connect"):
        await run(job(free_port()))


async def test_the_process_answers_as_the_function_does() -> None:
    async with tiny_server(lambda number: answer(404 if number == 7 else 200)) as server:
        result = await loaded(job(server.port))
    assert (result.answers, result.errors, result.latencies.total) == (99, 1, 99)
    assert result.first_error == "status 404 with 2 bytes"
    assert 0 < result.latencies.percentile(0.5) <= result.latencies.percentile(0.99)


def test_job_and_result_survive_json() -> None:
    given = Job(80, b"\x00\xff\r\n", 1, 0.5, status=201, least_bytes=3, most_requests=9, rate=2.5)
    assert Job.from_json(given.to_json()) == given
    result = LoadResult.from_json(
        b'{"answers":3,"errors":1,"seconds":2,"busy":0.1,"latencies":{"5":3},"first_error":"x"}'
    )
    assert LoadResult.from_json(result.to_json()).to_json() == result.to_json()
    assert result.per_second == 1.5


@pytest.mark.parametrize(
    ("connections", "seconds", "most"),
    [(0, 1, 1), (MOST_CONNECTIONS + 1, 1, 1), (1, 0, 1), (1, MOST_SECONDS + 1, 1), (1, 1, 0), (1, 1, 10**9)],
)
def test_a_load_is_bounded(connections: int, seconds: float, most: int) -> None:
    with pytest.raises(ValueError, match="A load "):
        job(1, connections=connections, seconds=seconds, most=most)


@pytest.mark.parametrize("rate", [0, -1, MOST_RATE + 1])
def test_a_rate_is_bounded(rate: float) -> None:
    with pytest.raises(ValueError, match="requests per second"):
        Job(80, b"", 1, 1, rate=rate)


async def test_one_answer_in_chunks_is_read_whole() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    chunked += b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    async with tiny_server(lambda _: chunked) as server:
        found = await answer_to(server.port, request_bytes("POST", "/", server.port, b"{}"))
    assert found == Answer(200, b"abcde")


async def test_a_redirect_says_where_it_leads() -> None:
    there = b"HTTP/1.1 303 See Other\r\nlocation: https://a.example/?code=1\r\nConnection: close\r\n\r\n"
    async with tiny_server(lambda _: there) as server:
        found = await answer_to(server.port, request_bytes("POST", "/", server.port, b"{}"))
    assert found == Answer(303, b"", "https://a.example/?code=1")
