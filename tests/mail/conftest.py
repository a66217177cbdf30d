"""Fixtures of this folder: the gateway with a real mail server beside it, and a worker to be started."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.outbox.running import entrypoints
from gateway.outbox.worker import Pace, Worker, working
from gateway.state import Gateway
from tests.mail.post_office import PostOffice
from tests.oidc.fixtures import app, clock
from tests.oidc.fixtures import gateway as plain_gateway

__all__ = ["app", "clock", "plain_gateway"]

Working = Callable[..., AbstractAsyncContextManager[None]]
QUICK = Pace(heartbeat=timedelta(seconds=1), look=timedelta(seconds=0.2), pause_seconds=0.1)


@pytest.fixture
async def post_office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    async with office.open():
        yield office


@pytest.fixture
def gateway(plain_gateway: Gateway, post_office: PostOffice) -> Gateway:
    """Sends without encryption to the server of the fixture, quickly."""
    settings = replace(
        plain_gateway.settings,
        smtp_host="localhost",
        smtp_port=post_office.port,
        smtp_security="none",
        smtp_timeout=5,
        mail_from="Hallpass <no-reply@state.example>",
        mail_reply_to="help@state.example",
        mails_per_second=1_000,
    )
    return replace(plain_gateway, settings=settings)


@pytest.fixture
def at_work(gateway: Gateway, database_url: str) -> Working:
    """A worker for the length of a block: `async with at_work():`; another gateway's by `at_work(other)`."""

    def begin(other: Gateway | None = None) -> AbstractAsyncContextManager[None]:
        of = other or gateway
        return working(Worker(of, database_url, entrypoints(of), QUICK))

    return begin
