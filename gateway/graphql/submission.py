"""What a GraphQL-over-HTTP request submits: documents or their ids, variables, the operation to run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from starlette.requests import Request

from gateway.graphql.body import read_body, read_json
from gateway.refusals import Kind, RefusedError
from gateway.settings import Settings

MOST_DEPTH: Final = 20
"""Lists and objects within each other in a variable."""
_DOCUMENT_ID: Final = re.compile(r"sha256:([0-9a-f]{64})")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_OF_GET: Final = ("query", "variables", "operationName", "extensions", "documentId")


@dataclass(frozen=True, slots=True)
class Submission:
    """One operation as it was asked for: by text, by the hash of a trusted document, or by both."""

    document: str | None
    trusted: str | None
    """The SHA-256 of the document in hexadecimal digits."""
    variables: Mapping[str, Any]
    operation: str | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A request's objects, not yet looked into. `batched`: they came as an array and are answered as one."""

    each: Sequence[Mapping[str, Any]]
    batched: bool = False


async def read_submitted(request: Request, settings: Settings) -> Submitted:
    """What a GET or POST submits (GraphQL over HTTP, sections 5 and 6), once its headers were checked.

    Raises RefusedError.
    """
    if request.method in {"GET", "HEAD"}:
        return Submitted([_from_query(request)])
    sent = read_json(await read_body(request, settings.graphql_max_body_bytes), "The body")
    if isinstance(sent, list):
        return Submitted(_batch(cast("list[object]", sent), settings.graphql_max_batch), batched=True)
    return Submitted([_object(sent, "The body")])


def submission_of(asked: Mapping[str, Any]) -> Submission:
    """The members of one request object, checked. Raises RefusedError (BAD_USER_INPUT)."""
    document, operation = asked.get("query"), asked.get("operationName")
    variables, extensions = _member(asked, "variables"), _member(asked, "extensions")
    if document is not None and not isinstance(document, str):
        raise _malformed("The request has no GraphQL document: send it as text in `query`.")
    if operation is not None and not isinstance(operation, str):
        raise _malformed("`operationName` must be a text.")
    _check_values(variables)
    trusted = _trusted_id(asked.get("documentId"), extensions)
    if not (document or "").strip() and trusted is None:
        raise _malformed("The request has no GraphQL document: send it as text in `query`.")
    return Submission(document or None, trusted, variables, operation or None)


def _member(asked: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object that may be absent or null, which both stand for an empty one."""
    found = asked.get(name)
    return {} if found is None else _object(found, f"`{name}`")


def _from_query(request: Request) -> dict[str, Any]:
    asked = request.query_params
    for name in _OF_GET:
        if len(asked.getlist(name)) > 1:
            raise _malformed(f"`{name}` stands twice in the address: send it once.")
    found: dict[str, Any] = {name: asked.get(name) for name in _OF_GET}
    for name in ("variables", "extensions"):
        if found[name]:
            found[name] = read_json(found[name].encode(), f"`{name}`")
        else:
            found[name] = None
    return found


def _batch(sent: list[object], most: int) -> list[Mapping[str, Any]]:
    if most == 1:
        raise _malformed("The body must be one JSON object; requests can't be sent in batches.")
    if not 0 < len(sent) <= most:
        raise _malformed(f"The batch has {len(sent)} requests: send 1 to {most}.")
    return [_object(one, "Each request of a batch") for one in sent]


def _trusted_id(document_id: object, extensions: Mapping[str, Any]) -> str | None:
    """By `documentId` (GraphQL over HTTP, persisted documents) or Apollo's `persistedQuery.sha256Hash`."""
    if document_id is not None:
        found = _DOCUMENT_ID.fullmatch(document_id) if isinstance(document_id, str) else None
        if found is None:
            raise _malformed("`documentId` must be sha256: and the 64 hexadecimal digits of the document's hash.")
        return found[1]
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    digest = cast("Mapping[str, object]", persisted).get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(digest, str) or not _HASH.fullmatch(digest):
        raise _malformed("`extensions.persistedQuery.sha256Hash` must be the 64 hexadecimal digits of a hash.")
    return digest


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _malformed(f"{what} must be an object." if what.startswith("`") else f"{what} must be one JSON object.")
    return cast("dict[str, Any]", value)


def _check_values(variables: object) -> None:
    """No name, address or code has a null character, and no input type is nested as deeply as a value can be."""
    pending: list[tuple[object, int]] = [(variables, 0)]
    while pending:
        one, level = pending.pop()
        if level > MOST_DEPTH:
            raise _malformed(f"`variables` are nested deeper than {MOST_DEPTH} levels.")
        if isinstance(one, str) and "\0" in one:
            raise _malformed("A text in `variables` holds a null character: leave it out.")
        if isinstance(one, dict):
            pending.extend((value, level + 1) for value in cast("dict[object, object]", one).values())
        elif isinstance(one, list):
            pending.extend((value, level + 1) for value in cast("list[object]", one))


def _malformed(message: str) -> RefusedError:
    return RefusedError(Kind.BAD_USER_INPUT, message)
