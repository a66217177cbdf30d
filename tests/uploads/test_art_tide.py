"""ART files add and delete roles, whole or not at all; TIDE files leave out what is wrong, and say so beforehand."""

import csv
import io
from typing import Any

import pytest

from gateway.state import Gateway
from policy.ids import OrganizationId, ProgramCode
from policy.upload_kinds import UploadState
from store.access_version import raise_epoch
from store.years import YearStatus, add_year
from tests.graphql.world import give, person, user_id
from tests.oidc.world import LEA, PARK, YEAR, ident
from tests.uploads.files import HILL_CODE, LEA_CODE, PARK_CODE, Sending, applied, outcomes, report, validated

ISAT = ProgramCode("isat")
ART_HEADER = (
    "FirstName,LastOrSurname,ElectronicMailAddress,TelephoneNumber,Role,AssociatedEntityID,AssociatedEntityName,Level,"
    "StateAbbreviation,Delete"
)
TIDE_HEADER = "District ID,School ID,First Name,Last Name,Email Address,User Role,Phone Number,Action"


def table(header: str, *rows: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue().encode()


def art(*rows: tuple[str, str, str, str]) -> bytes:
    """Address, role, school's code, DELETE or nothing."""
    return table(
        ART_HEADER,
        *(("Pat", "Doe", email, "", role, code, "", "INSTITUTION", "CA", delete) for email, role, code, delete in rows),
    )


def tide(*rows: tuple[str, str, str, str]) -> bytes:
    """Address, role, school's code, action."""
    return table(
        TIDE_HEADER, *((LEA_CODE, code, "Pat", "Doe", email, role, "", action) for email, role, code, action in rows)
    )


ART = Sending(format="art")
TIDE = Sending("dtc", format="tide-idaho-users", program=ISAT)
ADA, TEACHER = "ada@valley.example", "teacher@valley.example"


async def held(gateway: Gateway, address: str, program: str = "caaspp") -> list[tuple[Any, ...]]:
    async with gateway.pool.acquire() as connection:
        rows = await connection.fetch(
            "select a.role, o.code from users u join role_assignments a on a.user_id = u.id "
            "join organizations o on o.id = a.organization_id where u.email = $1 and a.program = $2 order by 1, 2",
            address, program,
        )  # fmt: skip
    return [tuple(row.values()) for row in rows]


@pytest.fixture
async def isat(state: Gateway) -> Gateway:
    """With a program of TIDE, and its coordinator of the LEA."""
    async with state.pool.acquire() as connection:
        async with connection.transaction():
            await add_year(connection, ISAT, YEAR, YearStatus.CURRENT)
            await raise_epoch(connection)
        await person(connection, "dtc")
        await give(connection, "dtc", "district-test-coordinator", LEA, ISAT)
    return state


@pytest.mark.rule("files")
async def test_art_adds_beside_and_refuses_a_second_role_there(state: Gateway) -> None:
    done = await applied(state, art((TEACHER, "Test Examiner", HILL_CODE, "")), ART)
    assert done.counts == {"added": 1}
    second = await applied(state, art((TEACHER, "Test Examiner", PARK_CODE, "")), ART)
    assert (second.state, second.problems[0]["rule"]) == (UploadState.REFUSED, "S0-12")


@pytest.mark.rule("files")
async def test_art_deletes_and_gives_anew_in_one_file(state: Gateway) -> None:
    data = art((TEACHER, "Test Administrator", PARK_CODE, "DELETE"), (TEACHER, "Test Examiner", PARK_CODE, ""))
    done = await applied(state, data, ART)
    assert (done.state, done.counts) == (UploadState.APPLIED, {"added": 1, "removed": 1})
    assert await held(state, TEACHER) == [("test-examiner", PARK_CODE)]
    again = await applied(state, data, ART)
    assert again.counts == {"unchanged": 2}


@pytest.mark.rule("files")
async def test_who_loses_the_last_role_by_file_is_inactive(state: Gateway) -> None:
    done = await applied(state, art((TEACHER, "Test Administrator", PARK_CODE, "DELETE")), ART)
    assert done.counts == {"removed": 1}
    async with state.pool.acquire() as connection:
        assert await connection.fetchval("select status from users where id = $1", user_id("teacher")) == "inactive"
        mails = await connection.fetch("select template from messages where cause = $1", done.id)
    assert [row["template"] for row in mails] == ["role-removed"]


@pytest.mark.rule("files")
async def test_tide_leaves_out_rows_with_errors_and_says_so_beforehand(isat: Gateway) -> None:
    data = tide(
        (ADA, "Proctor", PARK_CODE, "Add"),
        ("bo@valley.example", "No Such Role", PARK_CODE, "Add"),
        ("cy@valley.example", "Proctor", "19999990000001", "Add"),
    )
    found = await validated(isat, data, TIDE)
    assert (found.state, found.counts) == (UploadState.VALIDATED, {"created": 1, "refused": 1, "error": 1})
    assert "2 rows can't be applied and are left out; 1 are applied." in found.notes
    assert [one[:2] for one in outcomes(await report(isat, found.id))] == [
        ("2", "created"), ("3", "error"), ("4", "refused"),
    ]  # fmt: skip
    done = await applied(isat, data, TIDE)
    assert done.state is UploadState.APPLIED
    assert await held(isat, ADA, ISAT) == [("proctor", PARK_CODE)]
    assert await held(isat, "cy@valley.example", ISAT) == []


async def test_a_tide_school_must_lie_in_its_district(isat: Gateway) -> None:
    async with isat.pool.acquire() as connection:
        await connection.execute("update organizations set code = '99' where id = $1", OrganizationId(ident("beach")))
    rows = ("11111110000000", PARK_CODE, "Pat", "Doe", ADA, "Proctor", "", "Add")
    found = await validated(isat, table(TIDE_HEADER, rows), TIDE)
    assert (found.state, found.problems[0]["code"]) == (UploadState.REFUSED, "NOT_WITHIN_REACH")


async def test_a_file_of_one_program_touches_no_other(isat: Gateway) -> None:
    done = await applied(isat, tide((TEACHER, "Proctor", PARK_CODE, "Add")), TIDE)
    assert done.counts == {"added": 1}
    assert await held(isat, TEACHER) == [("test-administrator", PARK_CODE)]


@pytest.mark.rule("accounts-5", "S0-12", "files")
@pytest.mark.parametrize("new", ["Digital Admin", "Proctor"])
async def test_a_role_that_a_row_fails_to_delete_still_stands_in_the_way_of_another(isat: Gateway, new: str) -> None:
    """Rows with errors are left out one by one: a suspended role isn't replaced by asking for its deletion as well."""
    async with isat.pool.acquire() as connection:
        suspended = await give(connection, "teacher", "proctor", PARK, ISAT)
        await connection.execute("update role_assignments set status = 'suspended' where id = $1", suspended)
    data = tide(
        (TEACHER, "Proctor", PARK_CODE, "Delete"), (TEACHER, new, PARK_CODE, "Add"),
        (ADA, "Proctor", PARK_CODE, "Add"),
    )  # fmt: skip
    done = await applied(isat, data, TIDE)
    assert (done.state, done.counts) == (UploadState.APPLIED, {"created": 1, "refused": 2})
    assert [one[2] for one in outcomes(await report(isat, done.id))][:2] == ["SUSPENDED", "SUSPENDED"]
    assert await held(isat, TEACHER, ISAT) == [("proctor", PARK_CODE)]


@pytest.mark.rule("files")
async def test_tide_deletes_a_role_and_gives_another_there_in_one_file(isat: Gateway) -> None:
    async with isat.pool.acquire() as connection:
        await give(connection, "teacher", "proctor", PARK, ISAT)
    data = tide((TEACHER, "Proctor", PARK_CODE, "Delete"), (TEACHER, "Digital Admin", PARK_CODE, "Add"))
    done = await applied(isat, data, TIDE)
    assert done.counts == {"added": 1, "removed": 1}
    assert await held(isat, TEACHER, ISAT) == [("digital-admin", PARK_CODE)]
