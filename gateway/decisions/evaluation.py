"""`/access/v1/evaluation`: one question, one decision (AuthZEN 6)."""

from typing import Final

from starlette.requests import Request

from gateway.decisions.asked import check_of, read_action, read_subject
from gateway.decisions.exchange import exchange
from gateway.decisions.quick import quick_answer
from gateway.decisions.reading import Json, MalformedError, object_of, optional_text
from gateway.decisions.telling import Telling
from gateway.refusals import Kind, RefusedError
from resolvers.decisions import Asker, CheckAsked, judge_of

PATH: Final = "/access/v1/evaluation"


async def evaluate(request: Request, body: Json) -> bytes:
    """The decision, also where it is a denial. Raises RefusedError: 400 for a question that can't be understood."""

    async def work(asker: Asker) -> bytes:
        check, at_least = _read(asker, body)
        judge = await judge_of(asker, [check], at_least)
        return Telling(request, judge).told(check, judge.judged(check), body)

    return await quick_answer(request, body) or await exchange(request, work)


def _read(asker: Asker, body: Json) -> tuple[CheckAsked, str | None]:
    try:
        subject = read_subject(body.get("subject"))
        action = read_action(body.get("action"), asker.in_force.packs.vocabulary.keys())
        return check_of(subject, action, body.get("resource")), at_least_of(body.get("context"))
    except MalformedError as error:
        raise RefusedError(Kind.BAD_USER_INPUT, str(error)) from error


def at_least_of(context: object) -> str | None:
    """The access version that the answer must have seen. What else a context says is the asker's own affair."""
    return None if context is None else optional_text(object_of(context, "context"), "at_least_version", "context")
