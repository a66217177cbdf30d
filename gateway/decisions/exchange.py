"""One exchange of the decision API: who asks, on which connection, with what this process remembers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from starlette.requests import HTTPConnection

from gateway.caller_memory import Remembered
from gateway.decisions.answers import DecisionIds
from gateway.decisions.lines import Lines
from gateway.refusals import Kind, RefusedError
from gateway.remembered import asked_by_caller
from gateway.state import gateway_of
from gateway.student_keys import student_key
from policy.caller import Anonymous
from resolvers.decision_memory import DecisionMemory, InForce
from resolvers.decisions import Asker
from resolvers.refusals import RefusedError as Refused
from schema.directives import any_of
from schema.rules import ASK, GIVE_ROLES
from store.database import Connection

Answer = TypeVar("Answer")
_RULE: Final = any_of(ASK)
_GIVE: Final = any_of(GIVE_ROLES)


@dataclass(slots=True)
class Desk:
    """What one process keeps for the decision API."""

    memory: DecisionMemory
    ids: DecisionIds
    lines: Lines


@dataclass(frozen=True, slots=True)
class Statements:
    """The connection of one exchange."""

    connection: Connection

    async def run(self, statement: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        return await statement(self.connection)


def desk_of(request: HTTPConnection) -> Desk:
    state = request.app.state
    try:
        desk: Desk = state.decision_desk
    except AttributeError:
        desk = state.decision_desk = Desk(DecisionMemory(), DecisionIds(), Lines())
    return desk


async def exchange(
    request: HTTPConnection, work: Callable[[Asker], Awaitable[Answer]], *, snapshot: bool = False
) -> Answer:
    """The work's answer for this request's caller. Raises RefusedError: 401 without good credentials, 400, 403.

    `snapshot`: all statements see one state of the database.
    """
    gateway, memory = gateway_of(request), desk_of(request).memory

    def member_key(number: str) -> bytes:
        return student_key(gateway.secret_key, number)

    async def asked(known: Remembered) -> Answer:
        if isinstance(known.caller, Anonymous):
            challenge = {"WWW-Authenticate": 'Bearer realm="hallpass"'}
            raise RefusedError(Kind.UNAUTHENTICATED, "Send an access token.", challenge)
        in_force = InForce(known.in_force.packs, known.in_force.years, known.today)
        async with gateway.pool.acquire() as connection:
            statements = Statements(connection)
            asker = Asker(known.caller, _RULE, _GIVE, in_force, statements, memory, member_key, known.mark)
            if not snapshot:
                return await work(asker)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await work(asker)

    try:
        return await asked_by_caller(request, asked)
    except Refused as refused:
        raise RefusedError(Kind.BAD_USER_INPUT, refused.message) from refused
