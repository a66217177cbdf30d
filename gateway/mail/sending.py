"""The job `mail`: sends one message, recorded before and after, so that no accepted one is sent again."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Final
from uuid import UUID

from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.mail.backoff import again_in, is_given_up
from gateway.mail.composing import compose
from gateway.mail.envelope import enveloped, wire_address
from gateway.mail.slots import Slots
from gateway.mail.smtp import LONGEST_FACTOR, DeliveryError
from gateway.mail.transport import Transport
from gateway.outbox.again import AgainLaterError
from gateway.state import Gateway
from store.connection import Connection
from store.messages import (
    Message,
    Problem,
    begin_sending,
    record_failed,
    record_given_up,
    record_sent,
)

_log = logger("hallpass.mail")
_RECORDING: Final = timedelta(seconds=60)
"""So long an accepted mail's recording is tried where the database is away."""
_SPARE: Final = timedelta(seconds=90)
"""Beyond the time that a mail may take; then a process that was sending it is believed dead."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    message: Message
    sender: UUID
    mail: EmailMessage
    address: str


async def send_message(gateway: Gateway, transport: Transport, slots: Slots, payload: bytes) -> None:
    """It waits for its slot before the message is touched. Raises AgainLaterError where it is to be tried again.

    At least once: a process that dies after the server accepted a mail and before that is recorded leaves it to be
    sent once more, under the same Message-ID and with a new link; nothing can know better.
    """
    await slots.wait(gateway.pool)
    prepared = await _begun(gateway, UUID(bytes=payload))
    if prepared is None:
        return
    try:
        code = await transport(gateway, prepared.mail, prepared.address)
    except DeliveryError as error:
        failure = error
    else:
        await _record_sent(gateway, prepared, code)
        return
    await _record_failure(gateway, prepared, failure)


async def _begun(gateway: Gateway, id_: UUID) -> _Prepared | None:
    """Recorded as being sent, with the link that it holds; None: there is nothing to send."""
    sender = gateway.new_id()
    lease = timedelta(seconds=LONGEST_FACTOR * gateway.settings.smtp_timeout) + _SPARE
    async with gateway.pool.acquire() as connection, connection.transaction():
        begun = await begin_sending(connection, id_, sender, lease)
        if begun.message is not None:
            prepared = await _prepared(gateway, connection, begun.message, sender)
            if isinstance(prepared, _Prepared):
                return prepared
            await record_given_up(connection, id_, sender, code=None, problem=prepared)
            _log.info("a mail is not sent", message=str(id_), template=begun.message.template, problem=prepared.value)
    if begun.busy_for is not None:
        raise AgainLaterError(begun.busy_for)
    return None


async def _prepared(gateway: Gateway, connection: Connection, message: Message, sender: UUID) -> _Prepared | Problem:
    """A message that can't be composed is a dead letter, and no reason to stop."""
    try:
        async with connection.transaction():
            composed = await compose(gateway, connection, message)
            if isinstance(composed, Problem):
                return composed
            mail = enveloped(gateway.settings, message.id, composed, gateway.now())
            return _Prepared(message, sender, mail, wire_address(composed.address))
    except CONNECTION_ERRORS:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it would be the same at the next attempt
        _log.error("a mail can't be composed", message=str(message.id), reason=type(error).__name__)
        return Problem.FAULT


async def _record_sent(gateway: Gateway, prepared: _Prepared, code: int | None) -> None:
    """Tried for a while: what the mail server has accepted must not be sent again because the database was away."""
    until = asyncio.get_running_loop().time() + _RECORDING.total_seconds()
    while True:
        try:
            async with gateway.pool.acquire() as connection:
                await record_sent(connection, prepared.message.id, code)
        except CONNECTION_ERRORS:
            if asyncio.get_running_loop().time() > until:
                raise
            await asyncio.sleep(1)
        else:
            break
    _log.info("a mail was sent", message=str(prepared.message.id), template=prepared.message.template)


async def _record_failure(gateway: Gateway, prepared: _Prepared, failure: DeliveryError) -> None:
    """A dead letter, or one that comes again."""
    message = prepared.message
    told = {"message": str(message.id), "template": message.template, "problem": failure.problem.value}
    given_up = failure.lasting or is_given_up(message.urgency, message.waited)
    delay = again_in(message.attempts, random.random())  # noqa: S311 - spreads attempts, hides nothing
    async with gateway.pool.acquire() as connection:
        if given_up:
            await record_given_up(connection, message.id, prepared.sender, code=failure.code, problem=failure.problem)
        else:
            await record_failed(
                connection, message.id, prepared.sender,
                code=failure.code, problem=failure.problem, again_in=delay,
            )  # fmt: skip
    if given_up:
        _log.warning("a mail is given up", code=failure.code, **told)
        return
    _log.info("a mail comes again", code=failure.code, attempts=message.attempts, **told)
    raise AgainLaterError(delay)
