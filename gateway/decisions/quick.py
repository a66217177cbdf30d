"""Questions whose answers this process still has: one statement proves them, and nothing is judged again."""

from collections.abc import Sequence
from typing import cast

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
    found = None if caller is None else _all_kept(lines_of(caller), body, questions, ends_with)
    if caller is None or found is None:
        return None
    answers, lines = found
    gateway = gateway_of(request)
    if not await _are_proven(gateway, caller, lines):
        return None
    numbers, log = desk_of(request).ids.several(len(answers)), gateway.decision_log
    for place in log.sampled([one.allowed for one in answers]):
        log.take(Again(answers[place].logged, numbers[place], gateway.now(), request_id_of(request.scope)))
    told = [f"{front}{number}{back}" for (_, front, back, _), number in zip(answers, numbers, strict=True)]
    return f'{{"evaluations":[{",".join(told)}]}}'.encode()


def _kept(line: Line, resource: object) -> Lasting | None:
    """The answer about a resource that is written as a type and an id alone."""
    if type(resource) is not dict:
        return None
    written = cast(Json, resource)
    identifier = written.get("id")
    if len(written) != 2 or written.get("type") != line.kind:
        return None
    return line.answers.get(identifier) if type(identifier) is str else None


def _all_kept(
    lines: dict[bytes, Line], body: Json, questions: Sequence[object], ends_with: bool | None
) -> tuple[list[Lasting], Sequence[Line]] | None:
    """The answers in the order of the questions with the lines that they are of; None where one isn't kept."""
    if body.get("context") is not None:
        return None
    usual = lines.get(line_name(body.get("subject"), body.get("action")))
    resource, used, found = body.get("resource"), {id(usual): usual}, list[Lasting]()
    for question in questions:
        if type(question) is not dict:
            return None
        item, line = cast(Json, question), usual
        if len(item) != 1 or "resource" not in item:
            line = _line_of(lines, body, item)
            used[id(line)] = line
        answer = None if line is None else _kept(line, item.get("resource", resource))
        if answer is None:
            return None
        found.append(answer)
        if answer.allowed is ends_with:
            break
    return found, [line for line in used.values() if line is not None]


def _line_of(lines: dict[bytes, Line], body: Json, question: Json) -> Line | None:
    """Of a question with members of its own, each of which stands for the request's as a whole (AuthZEN 7.1.1)."""
    if question.get("context") is not None:
        return None
    named = {**body, **question}
    return lines.get(line_name(named.get("subject"), named.get("action")))


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
