"""What both clients share of one request: its headers, and what an answer without a decision means."""

from collections.abc import Mapping
from uuid import uuid4

from .outcomes import Cause, Refused
from .reading import JSON, REQUEST_ID, IncompleteError, Json, Reply, read_object, sentence_of
from .tokens import PLAIN


def request_headers(token: str) -> dict[str, str]:
    """With an id that no other request has: an answer without it is somebody else's, or an old one."""
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": JSON,
        "Accept": JSON,
        "Accept-Encoding": PLAIN,
        REQUEST_ID: str(uuid4()),
    }


def is_coded(headers: Mapping[str, str]) -> bool:
    """Whether the body is compressed, which wasn't asked for: a few bytes could unpack to more than there is memory."""
    return headers.get("content-encoding", PLAIN).strip().lower() != PLAIN


def answered(reply: Reply | None, request_id: str) -> Json | Refused:
    """The answer's object, or why there is none."""
    if reply is None:
        return Refused(Cause.UNREACHABLE, "The gateway didn't answer in time.")
    if reply.status == 400:
        return Refused(Cause.QUESTION, sentence_of(reply))
    if reply.status in (401, 403):
        return Refused(Cause.CREDENTIALS, sentence_of(reply))
    if reply.status == 429 or reply.status >= 500:
        return Refused(Cause.UNREACHABLE, f"The gateway can't answer now: status {reply.status}.")
    try:
        return read_object(reply, request_id)
    except IncompleteError as error:
        return Refused(Cause.ANSWER, str(error))
