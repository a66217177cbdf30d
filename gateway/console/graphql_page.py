"""`/console/graphql`: asks any GraphQL document as the person, in a plain form that needs no script."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.documents import OPERATIONS
from gateway.console.operations import ask
from gateway.console.shell import for_persons, page, viewer_of
from gateway.csrf import checked_form
from gateway.graphql.answering import answered
from gateway.graphql.deadline import Deadline
from gateway.graphql.media import GRAPHQL_JSON
from gateway.graphql.service import service_of
from gateway.state import gateway_of

_TEMPLATE: Final = "console/graphql.html"
_LONGEST_RESULT: Final = 400_000
"""Characters of a result that a page shows."""


@dataclass(frozen=True, slots=True)
class Example:
    name: str
    title: str
    document: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a document gave: its errors one by one, and the whole answer as text."""

    errors: list[dict[str, Any]]
    text: str


@cache
def examples() -> tuple[Example, ...]:
    """The documents of `operations/examples`; the first line of each is its title."""
    found: list[Example] = []
    for path in sorted((OPERATIONS / "examples").glob("*.graphql")):
        title, _, document = path.read_text(encoding="utf-8").partition("\n")
        found.append(Example(path.stem.partition("-")[2], title.removeprefix("#").strip(), document))
    return tuple(found)


@for_persons
async def show(request: Request) -> Response:
    """The form, with an example in it where the address names one."""
    wanted = request.query_params.get("example")
    chosen = next((one for one in examples() if one.name == wanted), examples()[0])
    return await _page(request, chosen.document, "", None)


@for_persons
async def run(request: Request) -> Response:
    """The result below what was asked; nothing typed is lost."""
    form = await checked_form(request)
    document, variables = _text(form, "document"), _text(form, "variables")
    return await _page(request, document, variables, await _result(request, document, variables))


async def _result(request: Request, document: str, variables: str) -> Result:
    """As `/graphql` answers it."""
    try:
        given: object = orjson.loads(variables) if variables.strip() else {}
    except orjson.JSONDecodeError as error:
        return _failed(f"The variables aren't JSON at line {error.lineno}, column {error.colno}: {error.msg}.")
    if not isinstance(given, dict):
        return _failed("The variables must be one JSON object, such as {}.")
    if not document.strip():
        return _failed("There is no document: write one, or choose an example.")
    async with Deadline(gateway_of(request).settings.graphql_deadline):
        answer = await answered(request, service_of(request), {"query": document, "variables": given}, GRAPHQL_JSON)
    return _shown(orjson.loads(answer.body))


def _failed(message: str) -> Result:
    return Result([{"message": message}], "")


def _shown(body: dict[str, Any]) -> Result:
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    if len(text) > _LONGEST_RESULT:
        text = f"{text[:_LONGEST_RESULT]}\n… cut here: ask for fewer rows."
    return Result(body.get("errors", []), text)


async def _page(request: Request, document: str, variables: str, result: Result | None) -> Response:
    viewer = viewer_of(await ask(request, "Viewer"))
    context = {"document": document, "variables": variables, "result": result, "examples": examples()}
    return page(request, _TEMPLATE, viewer, context)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""
