"""Reads answers strictly: what isn't complete, not understood or contradicts itself is no answer."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, cast

from .outcomes import Allowed, Cause, Denied, Outcome, Refused
from .terms import PERMISSIONS, SHAPES, VERSION_FORM, Reason

JSON: Final = "application/json"
REQUEST_ID: Final = "x-request-id"
_VERSION: Final = re.compile(VERSION_FORM)
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_WHY: Final = 300
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class IncompleteError(Exception):
    """The answer is none; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Page:
    results: tuple[str, ...]
    next_token: str
    access_version: str | None


def read_object(reply: Reply, request_id: str) -> Json:
    """The body of a 200 that answers this very request. Raises IncompleteError."""
    if reply.status != 200:
        raise IncompleteError(f"The status is {reply.status}.")
    if reply.headers.get(REQUEST_ID) != request_id:
        raise IncompleteError("The answer belongs to another request.")
    return parsed(reply)


def parsed(reply: Reply) -> Json:
    """The body as a JSON object in which no name stands twice. Raises IncompleteError."""
    if reply.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise IncompleteError("The answer isn't JSON by its content type.")
    try:
        value = json.loads(reply.body.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise IncompleteError("The answer isn't JSON.") from error
    if type(value) is not dict:
        raise IncompleteError("The answer is no JSON object.")
    return cast(Json, value)


def sentence_of(reply: Reply) -> str:
    """What the gateway says of a refusal, cut to a bearable length."""
    try:
        said = json.loads(reply.body.decode())
    except (ValueError, RecursionError):
        said = None
    return said[:_LONGEST_WHY] if isinstance(said, str) else f"The status is {reply.status}."


def read_decision(value: object) -> Allowed | Denied:
    """Raises IncompleteError."""
    decision = _shaped(value, "Decision")
    allowed, context = decision["decision"], _shaped(decision["context"], "Decision.context")
    if type(allowed) is not bool:
        raise IncompleteError("The decision is neither true nor false.")
    reason, identifier = _reason(context["reason"]), context["decision_id"]
    if type(identifier) is not str or not _IDENTIFIER.fullmatch(identifier):
        raise IncompleteError("The decision has no id.")
    if allowed is not (reason is Reason.GRANTED):
        raise IncompleteError(f"The decision is {allowed}, and its reason {reason}.")
    version, asserted = _version(context), context.get("asserted", False)
    if type(asserted) is not bool:
        raise IncompleteError("asserted is neither true nor false.")
    if not allowed:
        return Denied(reason, identifier, version)
    if version is None or "missing" in context:
        raise IncompleteError("The decision is true, and doesn't say what it rests on.")
    return Allowed(identifier, version, asserted)


def read_decisions(value: object, asked: int) -> list[Outcome]:
    """One outcome for each question, in their order. Raises IncompleteError."""
    answers = _shaped(value, "Evaluations")["evaluations"]
    if type(answers) is not list or len(cast(list[object], answers)) != asked:
        raise IncompleteError(f"There are not {asked} answers to {asked} questions.")
    outcomes = [_one_of_several(one) for one in cast(list[object], answers)]
    ids = [outcome.decision_id for outcome in outcomes if not isinstance(outcome, Refused)]
    if len(set(ids)) != len(ids):
        raise IncompleteError("One decision is given twice.")
    return outcomes


def read_page(value: object, kind: str, most: int) -> Page:
    """One page of SubjectPage, ResourcePage or ActionPage, whose results are `kind`. Raises IncompleteError."""
    shape = {"user of SubjectPage": "SubjectPage", "action": "ActionPage"}.get(kind, "ResourcePage")
    answer = _shaped(value, shape)
    page, context = _shaped(answer["page"], f"{shape}.page"), _shaped(answer["context"], f"{shape}.context")
    given = answer["results"]
    if type(given) is not list or len(cast(list[object], given)) > most:
        raise IncompleteError("The results are no list, or too many.")
    results = tuple(_result(one, kind.partition(" ")[0]) for one in cast(list[object], given))
    token = page["next_token"]
    if type(page["count"]) is not int or page["count"] != len(results) or type(token) is not str:
        raise IncompleteError("The page doesn't count its results.")
    version = _version(context)
    if "reason" in context and (_reason(context["reason"]) is Reason.GRANTED or results or token):
        raise IncompleteError("There are results, and a reason why there are none.")
    if version is None and (results or token or "reason" not in context):
        raise IncompleteError("The results don't say what they rest on.")
    return Page(results, token, version)


def _one_of_several(value: object) -> Outcome:
    answer = _shaped(value, "QuestionError")
    context: object = answer["context"]
    if not isinstance(context, dict) or "error" not in context:
        return read_decision(answer)
    error = _shaped(_shaped(cast(Json, context), "QuestionError.context")["error"], "QuestionError.context.error")
    if answer["decision"] is not False or type(error["message"]) is not str:
        raise IncompleteError("A question has an error and a decision.")
    return Refused(Cause.QUESTION, error["message"][:_LONGEST_WHY])


def _result(value: object, kind: str) -> str:
    known = {"name"} if kind == "action" else {"type", "id"}
    if not isinstance(value, dict) or set(cast(Json, value)) != known:
        raise IncompleteError("A result is not of the expected kind.")
    result = cast(Json, value)
    found = result["name"] if kind == "action" else result["id"]
    if type(found) is not str or not found or (kind != "action" and result["type"] != kind):
        raise IncompleteError("A result is not of the expected kind.")
    if kind == "action" and found not in PERMISSIONS:
        raise IncompleteError("A result is a permission that this client doesn't know: make terms.py anew.")
    return found


def _shaped(value: object, shape: str) -> Json:
    """The object, with all members that it must have and none that nobody knows: that one could narrow."""
    must, may = SHAPES[shape]
    if type(value) is not dict or not must <= (names := cast(Json, value).keys()) or not names <= may:
        raise IncompleteError(f"{shape} lacks a member, or has one that this client doesn't know.")
    return cast(Json, value)


def _reason(value: object) -> Reason:
    try:
        return Reason(value if isinstance(value, str) else "")
    except ValueError as error:
        raise IncompleteError("The reason is none that this client knows.") from error


def _version(context: Json) -> str | None:
    if "access_version" not in context:
        return None
    version = context["access_version"]
    if type(version) is not str or not _VERSION.fullmatch(version):
        raise IncompleteError("The access version is none.")
    return version


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name stands twice.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON.")
