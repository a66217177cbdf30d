"""What every file that is sent meets first: whose page and session it comes from, and in which form."""

from collections.abc import Collection
from typing import Final

from starlette.requests import Request

from gateway.caller_memory import Remembered
from gateway.csrf import check_own_page
from gateway.graphql.asking import asking_of
from gateway.refusals import Kind, RefusedError
from gateway.remembered import read_caller
from gateway.state import gateway_of
from gateway.uploads.multipart import FormWithFile
from policy.access import AnyOf, may_ever
from policy.caller import Anonymous, PersonCaller
from resolvers.attempts import record_attempt
from resolvers.refusals import Code

TABLE: Final = ("text/csv", "application/octet-stream")
ARCHIVE: Final = ("application/zip", "application/octet-stream")
"""Types that no form of another site can send without being asked for (Fetch, CORS-safelisted request headers)."""
_FORM: Final = "multipart/form-data"


async def sender_of(request: Request, rule: AnyOf, action: str, what: str) -> tuple[Remembered, PersonCaller]:
    """Somebody in her own session for whom the rule holds somewhere; the attempt of anybody else known is recorded.

    Raises RefusedError. `what`: the kind of files, for its sentence.
    """
    check_own_page(request)
    async with gateway_of(request).pool.acquire() as connection:
        known = await read_caller(request, connection)
    caller = known.caller
    if isinstance(caller, Anonymous):
        raise RefusedError(Kind.UNAUTHENTICATED, "Sign in first: files are sent in a session.")
    if isinstance(caller, PersonCaller) and caller.may_write and may_ever(caller, rule):
        return known, caller
    asking = asking_of(request, known)
    try:
        await record_attempt(asking, action, Code.FORBIDDEN)
    finally:
        await asking.reads.close()
    raise RefusedError(Kind.FORBIDDEN, f"None of your roles allows sending {what}.")


def form_of(request: Request, bare: Collection[str], what: str) -> FormWithFile | None:
    """The form in which the file arrives; None: it is the bare body, of one of the types. Raises RefusedError."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == _FORM:
        return FormWithFile(request.headers["content-type"])
    if media_type in bare:
        return None
    usual = next(iter(bare))
    raise RefusedError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the {what} as {_FORM}, or bare as {usual}.")
