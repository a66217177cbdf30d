"""Files of student groups: all or nothing, rehearsed or applied; no student's number is found anywhere afterwards."""

from typing import Any

import httpx2
import pytest

from gateway.student_keys import student_key
from store.database import Connection
from tests.graphql.changes import events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import PARK, Caller, user_id
from tests.oidc.world import YEAR

PATH = "/uploads/student-groups"
HEADER = "group_name,school_natural_id,school_year,subject_code,student_ssid,group_user_login"
PARK_CODE, BEACH_CODE = "19647331930000", "01611196000000"
SSIDS = ("7700000001", "7700000002", "7700000003")


def line(name: str = "Grade 5", code: str = PARK_CODE, year: str = "2027", ssid: str = "", login: str = "") -> str:
    return f"{name},{code},{year},Math,{ssid},{login}"


async def send(asking: Caller, *lines: str, apply: bool = True, media_type: str = "text/csv") -> httpx2.Response:
    text = "\r\n".join((HEADER, *lines)) + "\r\n"
    headers = {**asking.headers, "Content-Type": media_type}
    address = f"{PATH}?apply={'true' if apply else 'false'}"
    return await asking.http.post(address, content=text.encode(), headers=headers)


async def found(connection: Connection, name: str = "Grade 5") -> Any:
    return await connection.fetchrow(
        "select id, organization_id, school_year, subject, student_count, version from student_groups where name = $1",
        name,
    )


@pytest.mark.rule("S0-34", "S1-31", "students")
async def test_a_file_makes_groups_fills_and_gives_them(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    lines = [line(ssid=SSIDS[0], login="colleague@valley.example"), line(ssid=SSIDS[1])]
    answer = await send(site, *lines)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (group,) = body["groups"]
    assert (body["applied"], group["outcome"], group["students"], group["users"]) == (True, "created", 2, 1)
    row = await found(connection)
    assert (row["organization_id"], row["school_year"], row["subject"], row["student_count"]) == (PARK, YEAR, "Math", 2)
    holder = await connection.fetchval("select user_id from student_group_users where group_id = $1", row["id"])
    assert holder == user_id("colleague")
    keys = await connection.fetch("select member_key from student_group_members where group_id = $1", row["id"])
    assert {one["member_key"] for one in keys} == {student_key(b"k" * 32, one) for one in SSIDS[:2]}
    again = await send(site, *lines)
    assert again.json()["groups"][0]["outcome"] == "unchanged"
    assert len(await events(connection)) == 1


@pytest.mark.rule("students")
async def test_a_group_holds_the_students_of_its_last_file(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    await send(site, line(ssid=SSIDS[0]), line(ssid=SSIDS[1]))
    body = (await send(site, line(ssid=SSIDS[1]), line(ssid=SSIDS[2]))).json()
    assert (body["groups"][0]["added"], body["groups"][0]["removed"]) == (1, 1)
    only_login = (await send(site, line(login="teacher@valley.example"))).json()
    assert only_login["groups"][0]["students"] is None
    assert (await found(connection))["student_count"] == 2


@pytest.mark.rule("students")
async def test_a_rehearsal_tells_and_changes_nothing(as_person: AsCaller, connection: Connection) -> None:
    body = (await send(await as_person("site"), line(ssid=SSIDS[0]), apply=False)).json()
    assert (body["applied"], body["groups"][0]["outcome"]) == (False, "created")
    assert await found(connection) is None
    assert await connection.fetchval("select count(*) from student_group_members") == 0
    assert await events(connection) == []


@pytest.mark.rule("S1-31", "S1-40", "students")
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (line(code=BEACH_CODE, ssid=SSIDS[1]), "not-managed"),
        (line(code="19999999999999", ssid=SSIDS[1]), "not-managed"),
        (line(year="2019", ssid=SSIDS[1]), "not-managed"),
        (line(ssid=SSIDS[1], login="site@valley.example"), "no-roster-role"),
        (line(ssid=SSIDS[1], login="far-teacher@valley.example"), "no-roster-role"),
        (line(ssid=SSIDS[1], login="nobody@valley.example"), "no-roster-role"),
        (line(ssid=SSIDS[1]).replace("Math", "ELA"), "two-subjects"),
        (line(name="", ssid=SSIDS[1]), "missing"),
        (line(), "missing"),
    ],
)
async def test_one_error_and_nothing_is_applied(
    as_person: AsCaller, connection: Connection, wrong: str, code: str
) -> None:
    answer = await send(await as_person("site"), line(ssid=SSIDS[0]), wrong)
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert body["applied"] is False
    assert code in {one["code"] for one in body["errors"]}, body["errors"]
    assert await found(connection) is None
    assert not any(ssid in answer.text for ssid in SSIDS)


@pytest.mark.rule("students")
async def test_no_number_of_a_student_is_kept_or_told(
    as_person: AsCaller, connection: Connection, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in a table, an answer or a log; also not where the file is refused for it."""
    site = await as_person("site")
    answers = [
        await send(site, line(ssid=SSIDS[0])),
        await send(site, line(ssid=SSIDS[0]), line(name="Other", code="1", ssid=SSIDS[1])),
        await send(site, line(ssid=SSIDS[2] + "é" * 60)),
        await send(site, f'"{SSIDS[1]},x'),
        await send(site, line(name=SSIDS[1] + "\x07", ssid=SSIDS[0])),
    ]
    tables = await connection.fetch(
        "select table_name from information_schema.tables where table_schema = 'hallpass' and table_type = 'BASE TABLE'"
    )
    kept = [await connection.fetch(f"select t::text from {row['table_name']} t") for row in tables]
    told = "".join((str(kept), caplog.text, *capsys.readouterr(), *(answer.text for answer in answers)))
    assert not [ssid for ssid in SSIDS if ssid in told]


@pytest.mark.rule("S1-40")
async def test_who_may_not_send_one(
    as_person: AsCaller, signed_out: Caller, as_system: Caller, as_token_bearer: AsCaller
) -> None:
    for asking, status in (
        (await as_person("teacher"), 403),
        (await as_person("superintendent"), 403),
        (as_system, 403),
        (await as_token_bearer("site"), 403),
        (signed_out, 401),
    ):
        assert (await send(asking, line(ssid=SSIDS[0]))).status_code == status


async def test_other_sites_can_t_send_one(as_person: AsCaller) -> None:
    site = await as_person("site")
    assert (await send(site, line(ssid=SSIDS[0]), media_type="text/plain")).status_code == 415
    evil = Caller(site.http, {**site.headers, "Origin": "https://evil.example"})
    assert (await send(evil, line(ssid=SSIDS[0]))).status_code == 403
    form = await site.http.post(
        PATH, files={"file": ("g.csv", (HEADER + "\n" + line(ssid=SSIDS[0])).encode())}, headers=site.headers
    )
    assert form.status_code == 403


async def test_what_is_no_such_file_is_refused(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    for content in (b"", b"PK\x03\x04 xl/", b"first,last\r\na,b\r\n", HEADER.encode()):
        headers = {**site.headers, "Content-Type": "text/csv"}
        answer = await site.http.post(f"{PATH}?apply=true", content=content, headers=headers)
        assert answer.status_code == 422, content
        assert answer.json()["errors"][0]["remedy"]
    assert await connection.fetchval("select count(*) from student_groups") == 2
