"""uploadProgress: whoever sent a file is told how far the work on it has come."""

from uuid import UUID

from policy.caller import PersonCaller
from resolvers.asking import Asking
from resolvers.following import Source
from resolvers.refusals import bad_input, not_found
from resolvers.uploads.records import ProgressRow
from store.uploads import read_progress


async def follow(asking: Asking, upload: UUID | None) -> Source[ProgressRow]:
    """Raises RefusedError for a file that isn't the caller's own, and where no subscription can run."""
    if asking.changes is None:
        raise bad_input("Subscriptions run over a WebSocket: connect with the subprotocol graphql-transport-ws.")
    found = await asking.reads.run(lambda connection: read_progress(connection, (upload,))) if upload else {}
    row = ProgressRow.of(found[upload]) if upload is not None and upload in found else None
    if row is None or not isinstance(asking.caller, PersonCaller) or row.owner != asking.caller.user:
        raise not_found("There is no such upload, or it isn't yours.")
    return asking.changes.progress(row)
