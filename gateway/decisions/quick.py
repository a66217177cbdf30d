"""Questions whose answers this process still has: one statement proves them, and nothing is judged again."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from starlette.requests import Request

from gateway.caller_memory import Remembered
from gateway.decisions.exchange import desk_of
from gateway.decisions.lines import Lasting, Line, line_name, lines_of
from gateway.decisions.log import Again
from gateway.decisions.reading import Json
from gateway.observation import request_id_of
from gateway.remembered import known_caller
from gateway.state import Gateway, gateway_of
from store.decision_facts import ProofWanted, is_proven, read_proof
from store.marks import CallerChangedError

_Resource = dict[str, Any]


async def quick_answer(request: Request, body: Json) -> bytes | None:
    """The answer to one question; None: it must be judged, whatever the reason."""
    caller = known_caller(request)
    if caller is None or body.get("context") is not None:
        return None
    line = lines_of(caller).get(line_name(body.get("subject"), body.get("action")))
    answer = None if line is None else _kept(line, body.get("resource"))
    if line is None or answer is None:
        return None
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        if not await is_proven(connection, line.still):
            return None
    number = desk_of(request).ids.next()
    if gateway.decision_log.wants(allowed=answer.allowed):
        gateway.decision_log.take(Again(answer.logged, number, gateway.now(), request_id_of(request.scope)))
    return f"{answer.front}{number}{answer.back}".encode()


async def quick_answers(
    request: Request, body: Json, questions: Sequence[object], ends_with: bool | None
) -> bytes | None:
    """The answers to many, up to the one that ends them; None: they must be judged, whatever the reason."""
    caller = known_caller(request)
    if caller is None or body.get("context") is not None:
        return None
    used: dict[int, Line] = {}
    found: list[Lasting] = []
    for answer in _all_kept(lines_of(caller), body, questions, used):
        if answer is None:
            return None
        found.append(answer)
        if answer.allowed is ends_with:
            break
    gateway = gateway_of(request)
    if not await _are_proven(gateway, caller, [*used.values()]):
        return None
    numbers = desk_of(request).ids.several(len(found))
    log = gateway.decision_log
    for place in log.sampled([one.allowed for one in found]):
        log.take(Again(found[place].logged, numbers[place], gateway.now(), request_id_of(request.scope)))
    answers = [f"{front}{number}{back}" for (_, front, back, _), number in zip(found, numbers, strict=True)]
    return f'{{"evaluations":[{",".join(answers)}]}}'.encode()


def _kept(line: Line, resource: object) -> Lasting | None:
    """The answer about a resource that is written as a type and an id alone."""
    if type(resource) is not dict:
        return None
    written = cast(_Resource, resource)
    identifier = written.get("id")
    if len(written) != 2 or written.get("type") != line.kind or type(identifier) is not str:
        return None
    return line.answers.get(identifier)


def _all_kept(
    lines: dict[bytes, Line], body: Json, questions: Sequence[object], used: dict[int, Line]
) -> Iterator[Lasting | None]:
    """The answers in the order of the questions, up to the first that isn't kept; puts the lines into `used`."""
    subject, action, resource = body.get("subject"), body.get("action"), body.get("resource")
    usual = lines.get(line_name(subject, action))
    for question in questions:
        if type(question) is not dict:
            yield None
            return
        item, line = cast(Json, question), usual
        if len(item) != 1 or "resource" not in item:
            if item.get("context") is not None:
                yield None
                return
            line = lines.get(line_name(item.get("subject", subject), item.get("action", action)))
        if line is None:
            yield None
            return
        used[id(line)] = line
        yield _kept(line, item.get("resource", resource))


async def _are_proven(gateway: Gateway, caller: Remembered, lines: Sequence[Line]) -> bool:
    """One person's line proves the caller as well; of several people each is looked at."""
    people = {id(line.person): line.person for line in lines if line.person is not None}
    async with gateway.pool.acquire() as connection:
        if len(people) < 2:
            return await is_proven(connection, max(lines, key=lambda line: line.person is not None).still)
        try:
            users = {one.loaded.person.id for one in people.values()}
            proof = await read_proof(connection, ProofWanted([*users]), caller.mark)
        except CallerChangedError:
            return False
    return all(
        (stands := proof.stands.get(one.loaded.person.id)) is not None and one.fits(stands) for one in people.values()
    )
