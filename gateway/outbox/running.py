"""The work of a process beside its requests: queued jobs and daily ones, where the settings say that it does them."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from gateway.logging import logger
from gateway.mail.batches import spread_batch
from gateway.mail.sending import send_message
from gateway.mail.slots import Slots
from gateway.mail.transport import transport_of
from gateway.oidc.logout.backchannel import sending_notices
from gateway.oidc.resource.changed_access import looking_at_changes
from gateway.outbox.daily import daily_jobs_running
from gateway.outbox.daily_jobs import DAILY_JOBS
from gateway.outbox.worker import Pace, Work, Worker, working
from gateway.signin import email_changes, lost_factors
from gateway.state import Gateway
from resolvers.request_email_change import JOB as EMAIL_CHANGE
from resolvers.reset_second_factors import JOB as FACTOR_RESET
from store.logout_notices import LOGOUT_NOTICE
from store.outbox import MAIL, MAIL_BATCH
from store.told_access import CHANGED_ACCESS

_log = logger("hallpass.jobs")


def entrypoints(gateway: Gateway) -> Mapping[str, Work]:
    """What the queue's jobs are done by. Without a mail server mails wait in it."""
    always = {
        LOGOUT_NOTICE: sending_notices(gateway),
        CHANGED_ACCESS: looking_at_changes(),
        MAIL_BATCH: spread_batch,
        EMAIL_CHANGE: email_changes.apply_by_job,
        FACTOR_RESET: lost_factors.apply_by_job,
    }
    transport = transport_of(gateway)
    if transport is None:
        return always
    slots = Slots(gateway.settings.mails_per_second)

    async def send(gateway: Gateway, payload: bytes) -> None:
        await send_message(gateway, transport, slots, payload)

    return {MAIL: send, **always}


@asynccontextmanager
async def outbox_running(gateway: Gateway, pace: Pace | None = None) -> AsyncGenerator[None]:
    """Work off the queue and do the daily jobs until the block ends."""
    if transport_of(gateway) is None:
        _log.info("no mail server is set: mails wait in the outbox until HALLPASS_SMTP_HOST is")
    worker = Worker(gateway, gateway.database_url, entrypoints(gateway), pace or Pace())
    async with working(worker), daily_jobs_running(gateway, DAILY_JOBS):
        yield
