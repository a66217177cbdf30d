"""A request body is read up to its limit, whatever its headers say."""

from collections.abc import AsyncIterator

import httpx2
import pytest


async def test_a_body_at_the_limit_is_read(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/trial/echo", content=b"x" * 20_000)).text == "20000"


async def test_a_body_over_the_limit_is_refused_by_its_length(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/trial/echo", content=b"x" * 20_001)
    assert answer.status_code == 413
    assert "20,000 bytes" in answer.json()["detail"]


async def test_a_body_that_hides_its_length_is_refused_when_it_arrives(client: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 10_000

    answer = await client.post("/trial/echo", content=chunks())
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "many", "1_0", "٣"])
async def test_a_length_that_is_no_number_is_left_to_the_server(client: httpx2.AsyncClient, length: str) -> None:
    answer = await client.post("/trial/echo", content=b"x", headers=[(b"content-length", length.encode())])
    assert answer.status_code == 200
