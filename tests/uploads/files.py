"""Files for tests: TOMS, ART and TIDE rows written as CSV, sent and worked on as a process would."""

import csv
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from gateway.state import Gateway
from gateway.uploads.working import work_on, work_on_next
from policy.grant import ActiveRole
from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from resolvers.uploads.receiving import IncomingFile
from store.upload_pieces import Part, pieces
from store.uploads import NewUpload, Sender, UploadRecord, UploadState, move_upload, upload_by_id
from tests.graphql.world import user_id
from tests.oidc.world import CAASPP, YEAR

TOMS_HEADER = ("First Name", "Last Name", "CDS Code", "E-mail Address", "Telephone Number", "Role in Organization")
LEA_CODE, PARK_CODE, HILL_CODE, FAR_CODE = "19647330000000", "19647331930000", "19647331930001", "01611196000000"
TA, TE, SITE, EDUCATOR = "Test Administrator", "Test Examiner", "Site CAASPP Coordinator", "Educator - Test Site"


def toms(*rows: tuple[str, ...]) -> bytes:
    """Rows (address, role, code, first, last, phone); the last three may be left out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(TOMS_HEADER)
    for email, role, code, *more in rows:
        first, last, phone = (*more, *("Pat", "Doe", "916-555-0100")[len(more) :])
        writer.writerow((first, last, code, email, phone, role))
    return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends into which program and year."""

    name: str | None = "primary"
    role: str | None = None
    format: str = "toms"
    program: ProgramCode = CAASPP
    year: SchoolYear = YEAR

    @property
    def sender(self) -> Sender:
        if self.name is None:
            return Sender(None, None, "a test")
        active = ActiveRole(self.program, RoleSlug(self.role), self.year) if self.role else None
        return Sender(UserId(user_id(self.name)), active)


PRIMARY = Sending()


async def send(gateway: Gateway, data: bytes, sending: Sending = PRIMARY) -> UUID:
    """The file as it came in."""
    new = NewUpload(uuid4(), sending.format, sending.program, sending.year, "people.csv", sending.sender, gateway.now())
    file = IncomingFile(gateway.pool, new)
    await file.begin()
    await file.write(data)
    await file.finish()
    return new.id


async def move(gateway: Gateway, upload: UUID, state: UploadState) -> None:
    async with gateway.pool.acquire() as connection:
        await move_upload(connection, upload, state, gateway.now())


async def record(gateway: Gateway, upload: UUID) -> UploadRecord:
    async with gateway.pool.acquire() as connection:
        found = await upload_by_id(connection, upload)
    assert found is not None
    return found


async def validated(gateway: Gateway, data: bytes, sending: Sending = PRIMARY) -> UploadRecord:
    """The file, sent and validated."""
    upload = await send(gateway, data, sending)
    await move(gateway, upload, UploadState.VALIDATING)
    await work_on(gateway, upload)
    return await record(gateway, upload)


async def applied(gateway: Gateway, data: bytes, sending: Sending = PRIMARY) -> UploadRecord:
    """The file, sent, validated and, if it can be, applied."""
    found = await validated(gateway, data, sending)
    if found.state is not UploadState.VALIDATED:
        return found
    await move(gateway, found.id, UploadState.APPLYING)
    await work_on(gateway, found.id)
    while await work_on_next(gateway):
        pass
    return await record(gateway, found.id)


async def report(gateway: Gateway, upload: UUID) -> list[dict[str, str]]:
    """The report's lines by heading."""
    text = ""
    async with gateway.pool.acquire() as connection:
        async for piece in pieces(connection, upload, Part.REPORT):
            text += zlib.decompress(piece).decode()
    return list(csv.DictReader(io.StringIO(text)))


def outcomes(lines: Iterable[dict[str, str]]) -> list[tuple[str, str, str]]:
    """Row, outcome and code of each line."""
    return [(line["Row"], line["Outcome"], line["Code"]) for line in lines]
