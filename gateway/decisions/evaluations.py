"""`/access/v1/evaluations`: many questions at once, with defaults and three ways to end (AuthZEN 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from starlette.requests import Request

from gateway.decisions.answers import error_json
from gateway.decisions.asked import Action, Subject, check_of, read_action, read_subject
from gateway.decisions.evaluation import at_least_of, evaluate
from gateway.decisions.exchange import exchange
from gateway.decisions.quick import quick_answers
from gateway.decisions.reading import Json, MalformedError, object_of, optional_text
from gateway.decisions.telling import Telling
from gateway.refusals import Kind, RefusedError
from resolvers.decisions import MOST_CHECKS, Asker, CheckAsked, Judge, judge_of, version_of
from resolvers.refusals import RefusedError as Refused

PATH: Final = "/access/v1/evaluations"
SEMANTICS: Final = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}
"""The decision after which no more are made."""


async def evaluate_all(request: Request, body: Json) -> bytes:
    """As many decisions as there are questions, or up to the one that ends them; without questions, one evaluation."""
    items = body.get("evaluations")
    if items is None or items == []:
        return await evaluate(request, body)
    questions, ends_with = _checked(items), _semantic(body.get("options"))

    async def work(asker: Asker) -> bytes:
        read = _read(asker, body, questions)
        judge = await judge_of(asker, [one.check for one in read if isinstance(one, _Read)])
        telling = Telling(request, judge)
        answers: list[bytes] = []
        for one in read:
            problem = one if isinstance(one, str) else _too_new(judge, one)
            if problem is not None:
                answers.append(error_json(problem))
                allowed = False
            else:
                asked = cast(_Read, one)
                judged = judge.judged(asked.check)
                answers.append(telling.told(asked.check, judged, asked.written))
                allowed = judged.decision.allowed
            if allowed is ends_with:
                break
        return b'{"evaluations":[' + b",".join(answers) + b"]}"

    return await quick_answers(request, body, questions, ends_with) or await exchange(request, work)


@dataclass(frozen=True, slots=True)
class _Read:
    check: CheckAsked
    at_least: int | None
    written: Json
    """Subject, action and resource, with the request's where the question has none of its own."""


def _checked(items: object) -> Sequence[object]:
    if type(items) is not list:
        raise RefusedError(Kind.BAD_USER_INPUT, "evaluations must be a list.")
    questions = cast(list[object], items)
    if len(questions) > MOST_CHECKS:
        text = f"evaluations has {len(questions)} questions: ask at most {MOST_CHECKS} at once."
        raise RefusedError(Kind.BAD_USER_INPUT, text)
    return questions


def _semantic(options: object) -> bool | None:
    try:
        name = None if options is None else optional_text(object_of(options, "options"), SEMANTIC, "options")
    except MalformedError as error:
        raise RefusedError(Kind.BAD_USER_INPUT, str(error)) from error
    if name is not None and name not in SEMANTICS:
        text = f"options.{SEMANTIC} is {name[:40]!r}: write {', '.join(SEMANTICS)}."
        raise RefusedError(Kind.BAD_USER_INPUT, text)
    return SEMANTICS[name or "execute_all"]


SEMANTIC: Final = "evaluations_semantic"


def _read(asker: Asker, body: Json, questions: Sequence[object]) -> list[_Read | str]:
    """Each question, or what is wrong with it. What several share is read once."""
    vocabulary = asker.in_force.packs.vocabulary.keys()
    subjects: dict[int, Subject] = {}
    actions: dict[int, Action] = {}
    found: list[_Read | str] = []
    for place, question in enumerate(questions):
        try:
            item = object_of(question, f"evaluations[{place}]")
            said = _of(item, body, "subject")
            subject = subjects.get(id(said)) or subjects.setdefault(id(said), read_subject(said))
            said = _of(item, body, "action")
            action = actions.get(id(said)) or actions.setdefault(id(said), read_action(said, vocabulary))
            check = check_of(subject, action, _of(item, body, "resource"))
            at_least = at_least_of(_of(item, body, "context"))
            found.append(_Read(check, None if at_least is None else version_of(at_least), {**body, **item}))
        except (MalformedError, Refused) as error:
            found.append(str(error))
    return found


def _of(item: Json, defaults: Json, name: str) -> object:
    """The item's own member over the request's, as a whole (AuthZEN 7.1.1)."""
    return item[name] if name in item else defaults.get(name)


def _too_new(judge: Judge, one: _Read) -> str | None:
    if one.at_least is None or one.at_least <= judge.told.proof.version:
        return None
    return "context.at_least_version is no access version that was given out."
