"""Reports: their rows are those that their reader sees, their first columns those of the upload, and all is audited."""

import csv
import io
import zipfile
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx2
import pytest

from gateway.reports.endpoint import known_reports
from gateway.state import Gateway
from gateway.uploads.formats import user_formats
from policy.files.known import file_knowledge
from policy.files.reader import read
from policy.files.rows import Row
from policy.ids import ProgramCode, SchoolYear
from policy.reach import Range
from policy.reports import in_year
from store.access_version import raise_epoch
from store.database import Connection
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import (
    BEACH,
    CAASPP,
    HILL,
    LEA,
    NEXT_YEAR,
    OTHER_LEA,
    PARK,
    YEAR,
    Caller,
    give,
    person,
    user_id,
)
from tests.oidc.world import NOW, STATE

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


async def fetched(caller: Caller, name: str, **query: str) -> httpx2.Response:
    return await caller.http.get(f"/reports/{name}", params=query, headers=caller.headers)


async def rows(caller: Caller, name: str, **query: str) -> list[dict[str, str]]:
    response = await fetched(caller, f"{name}.csv", **query)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.rule("S0-37", "years")
async def test_the_user_list_begins_with_the_columns_of_the_upload_and_is_read_as_one(
    as_person: AsCaller, gateway: Gateway
) -> None:
    response = await fetched(await as_person("primary"), "lea-user-list.csv", program="caaspp")
    header = next(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    toms = user_formats()["toms"]
    assert header[:6] == [column.heading for column in toms.columns]
    pack = gateway.packs.current.at(ProgramCode("caaspp"), YEAR)
    assert pack is not None
    items = list(read(toms, file_knowledge(pack, YEAR), [response.content]))
    assert items
    assert all(isinstance(item, Row) for item in items)


async def test_it_shows_the_readers_own_reach_and_nothing_else(as_person: AsCaller) -> None:
    everybody = await rows(await as_person("primary"), "lea-user-list")
    assert {one["Organization"] for one in everybody} == {"Valley Unified", "Park Elementary", "Hill Elementary"}
    assert not any("far-" in one["E-mail Address"] for one in everybody)
    assert {one["Program"] for one in everybody} == {"caaspp"}
    at_park = await rows(await as_person("site"), "lea-user-list")
    assert {one["E-mail Address"].partition("@")[0] for one in at_park} == {
        "site", "teacher", "colleague", "shared", "unsigned",
    }  # fmt: skip


async def test_it_is_narrowed_to_an_organization_and_never_widened(as_person: AsCaller) -> None:
    at_hill = await rows(await as_person("primary"), "lea-user-list", organization=str(HILL))
    assert [one["E-mail Address"] for one in at_hill] == ["hill-site@valley.example"]
    for elsewhere in (OTHER_LEA, BEACH):
        assert await rows(await as_person("primary"), "lea-user-list", organization=str(elsewhere)) == []
    assert await rows(await as_person("site"), "lea-user-list", organization=str(LEA)) == await rows(
        await as_person("site"), "lea-user-list"
    )


@pytest.mark.rule("S0-44")
async def test_an_earlier_years_list(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute(
        "insert into school_years (program, school_year, status) values ('caaspp', '2024-25', 'closed')"
    )
    async with connection.transaction():
        await raise_epoch(connection)
    await give(connection, "teacher", "test-examiner", HILL, CAASPP, "2024-25")  # pyright: ignore[reportArgumentType]
    await give(connection, "far-teacher", "test-examiner", BEACH, CAASPP, "2024-25")  # pyright: ignore[reportArgumentType]
    found = await rows(await as_person("primary"), "lea-user-list", program="caaspp", schoolYear="2024-25")
    assert [(one["E-mail Address"], one["School Year"]) for one in found] == [("teacher@valley.example", "2024-25")]
    assert await rows(await as_person("site"), "lea-user-list", program="caaspp", schoolYear="2024-25") == []
    refused = await fetched(await as_person("primary"), "lea-user-list.csv", schoolYear="2024-25")
    assert (refused.status_code, "program" in refused.text) == (400, True)


@pytest.mark.rule("years", "S1-12")
async def test_the_upcoming_year_is_its_own_coordinators(as_person: AsCaller, connection: Connection) -> None:
    """Who coordinates this year sees nobody of the next one; who is designated for it does."""
    await give(connection, "teacher", "test-examiner", HILL, CAASPP, NEXT_YEAR)
    asked = {"program": "caaspp", "schoolYear": NEXT_YEAR}
    assert await rows(await as_person("primary"), "lea-user-list", **asked) == []
    await connection.execute(
        "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name, signed_at) "
        "select user_id, program, form, $2, form_version, signed_name, signed_at from signed_forms where user_id = $1",
        user_id("colleague"), NEXT_YEAR,
    )  # fmt: skip
    await connection.execute("delete from role_assignments where user_id = $1", user_id("colleague"))
    await give(connection, "colleague", "lea-coordinator", LEA, CAASPP, NEXT_YEAR)
    found = await rows(await as_person("colleague"), "lea-user-list", **asked)
    assert {one["E-mail Address"] for one in found} == {"teacher@valley.example", "colleague@valley.example"}


def test_the_reach_of_another_year_is_that_of_this_one_in_the_same_program() -> None:
    here = Range(CAASPP, YEAR, lea=LEA)
    others = (Range(ProgramCode("elpac"), YEAR, lea=OTHER_LEA), Range(CAASPP, "2027-28", lea=OTHER_LEA))  # pyright: ignore[reportArgumentType]
    assert in_year((here, *others), CAASPP, YEAR, "2020-21") == (Range(CAASPP, "2020-21", lea=LEA),)  # pyright: ignore[reportArgumentType]


async def test_unsigned_forms(as_person: AsCaller) -> None:
    found = await rows(await as_person("primary"), "unsigned-forms")
    assert {one["E-mail Address"] for one in found} == {"unsigned@valley.example"}
    assert {one["Role"] for one in found} == {"CAASPP Test Administrator"}


async def test_no_recent_sign_in(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute("update users set last_sign_in_at = $1, created_at = $1", NOW - timedelta(days=2))
    await connection.execute(
        "update users set last_sign_in_at = $2 where id = $1", user_id("teacher"), NOW - timedelta(days=100)
    )
    await connection.execute(
        "update users set last_sign_in_at = null, created_at = $2 where id = $1",
        user_id("colleague"), NOW - timedelta(days=400),
    )  # fmt: skip
    found = await rows(await as_person("site"), "no-recent-sign-in")
    assert [(one["E-mail Address"], one["Last Sign-in"][:5]) for one in found] == [
        ("colleague@valley.example", "never"),
        ("teacher@valley.example", (NOW - timedelta(days=100)).strftime("%Y-")),
    ]
    assert len(await rows(await as_person("site"), "no-recent-sign-in", days="399")) == 1
    for wrong in ("0", "9999999", "-3", "x"):
        assert (await fetched(await as_person("site"), "no-recent-sign-in.csv", days=wrong)).status_code == 400


async def test_roles_by_school(as_person: AsCaller) -> None:
    found = await rows(await as_person("primary"), "roles-by-school", organization=str(PARK))
    assert {(one["Role"], one["Active"]) for one in found} == {
        ("Site CAASPP Coordinator", "1"), ("CAASPP Test Administrator", "4"),
    }  # fmt: skip


@pytest.mark.rule("S0-01")
async def test_schools_without_a_coordinator(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("primary")
    assert await rows(lead, "schools-without-coordinator", program="caaspp") == []
    await connection.execute("update role_assignments set status = 'expired' where user_id = $1", user_id("hill-site"))
    (missing,) = await rows(lead, "schools-without-coordinator", program="caaspp")
    assert missing["Program"] == "caaspp"
    assert missing["School"].startswith("Hill")


async def test_a_workbook_holds_texts_alone(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute("update users set first_name = '=1+1', last_name = '@x' where id = $1", user_id("teacher"))
    response = await fetched(await as_person("site"), "lea-user-list.xlsx")
    assert response.headers["content-type"].startswith("application/vnd.openxmlformats")
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = [cell.text or "" for cell in sheet.iter(f"{SHEET}t")]
    assert {"=1+1", "@x", "19647331930000"} <= set(texts)
    assert sheet.find(f".//{SHEET}f") is None
    listed = await rows(await as_person("site"), "lea-user-list")
    assert {("'=1+1", "'@x")} <= {(one["First Name"], one["Last Name"]) for one in listed}


async def test_who_has_no_people_gets_no_report(
    as_person: AsCaller, as_token_bearer: AsTokenBearer, http: httpx2.AsyncClient
) -> None:
    assert (await http.get("/reports/lea-user-list.csv")).status_code == 401
    assert (await fetched(await as_person("educator"), "lea-user-list.csv")).status_code == 403
    assert (await fetched(await as_token_bearer("primary"), "lea-user-list.csv")).status_code == 403
    for unknown in ("lea-user-list", "lea-user-list.exe", "others.csv", ".csv"):
        assert (await fetched(await as_person("primary"), unknown)).status_code == 404
    wrong = await fetched(await as_person("primary"), "lea-user-list.csv", organization="x")
    assert wrong.status_code == 400


async def test_that_a_report_was_had_is_audited(as_person: AsCaller, connection: Connection) -> None:
    shown = await rows(await as_person("site", "site-coordinator"), "lea-user-list", organization=str(PARK))
    event = await connection.fetchrow("select * from audit_events where action = 'exportReport'")
    assert event is not None
    assert (event["actor_id"], event["acting_under"]) == (user_id("site"), "caaspp/site-coordinator")
    assert event["after"]["rows"] == len(shown)
    assert event["after"]["organization"] == str(PARK)


async def test_who_sees_the_whole_state_narrows_each_report(as_person: AsCaller, connection: Connection) -> None:
    await person(connection, "root")
    await give(connection, "root", "state-administrator", STATE, ProgramCode("state"), SchoolYear(""))
    root = await as_person("root")
    for name in known_reports():
        for query in (
            {},
            {"organization": str(PARK)},
            {"program": "caaspp"},
            {"program": "caaspp", "schoolYear": YEAR},
        ):
            assert (await fetched(root, f"{name}.csv", **query)).status_code == 200, (name, query)


@pytest.mark.parametrize("query", [{"program": "a\0"}, {"program": "caaspp", "schoolYear": "2026-27\0"}])
async def test_a_text_that_no_database_takes_is_refused_in_words(as_person: AsCaller, query: dict[str, str]) -> None:
    refused = await fetched(await as_person("primary"), "lea-user-list.csv", **query)
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_USER_INPUT")
