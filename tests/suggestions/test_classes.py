"""Classes of a OneRoster set as student groups: within reach, in one transaction, students as keyed hashes only."""

from typing import Any

import pytest

from gateway.student_keys import student_key
from store.database import Connection
from tests.graphql.changes import events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, PARK, Caller, user_id
from tests.oidc.world import YEAR
from tests.suggestions.sets import (
    BEACH_CODE,
    CLASSES_PATH,
    ORGS,
    USERS,
    manifest,
    post,
    user,
    zipped,
)

pytestmark = pytest.mark.rule("files", "students")
NUMBERS = ("7700000001", "7700000002", "7700000003")
CLASSES = "sourcedId,title,classCode,schoolSourcedId"
ENROLLMENTS = "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role"


def class_set(classes: tuple[str, ...], enrollments: tuple[str, ...]) -> dict[str, str]:
    users = [user(f"k{number}", "", ssid) for number, ssid in enumerate(NUMBERS, 1)]
    users += [user("colleague"), user("far-teacher"), user("nobody")]
    return {
        "manifest.csv": manifest(orgs="bulk", users="bulk", roles="absent", classes="bulk", enrollments="bulk")
        .replace("1.2", "1.1"),
        "orgs.csv": f"{ORGS}beach,,,Beach,school,{BEACH_CODE},d1\n",
        "users.csv": "\n".join((USERS, *users, "")),
        "classes.csv": "\n".join((CLASSES, *classes, "")),
        "enrollments.csv": "\n".join((ENROLLMENTS, *enrollments, "")),
    }  # fmt: skip


def enrolled(class_: str, who: str, role: str = "student") -> str:
    return f"{class_}-{who},{class_},,{who},{role}"


SET = class_set(
    ("c1,Algebra 1,A1-1,park", "c2,Algebra 1,A1-2,park", "c3,Chemistry,,hill", "c4,Biology,,beach"),
    (
        enrolled("c1", "colleague", "teacher"), enrolled("c1", "k1"), enrolled("c1", "k2"), enrolled("c2", "k3"),
        enrolled("c3", "k1"), enrolled("c3", "nobody", "teacher"), enrolled("c4", "k2"),
    ),
)  # fmt: skip


async def send(asking: Caller, files: dict[str, str], apply: str = "true") -> dict[str, Any]:
    answer = await post(asking, zipped(files), CLASSES_PATH, apply=apply)
    assert answer.status_code == 200, answer.text
    assert not any(number in answer.text for number in NUMBERS)
    return answer.json()


async def groups(connection: Connection) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(
        "select name, organization_id, school_year, student_count from student_groups where name ~ 'Al|Ch|Bi' "
        "order by name"
    )
    return [tuple(row.values()) for row in rows]


async def test_classes_become_groups_of_the_schools_within_reach(as_person: AsCaller, connection: Connection) -> None:
    primary = await as_person("primary")
    done = await send(primary, SET)
    assert [(one["name"], one["outcome"]) for one in done["groups"]] == [
        ("Algebra 1 (A1-1)", "created"), ("Algebra 1 (A1-2)", "created"), ("Chemistry", "created"),
    ]  # fmt: skip
    assert await groups(connection) == [
        ("Algebra 1 (A1-1)", PARK, YEAR, 2), ("Algebra 1 (A1-2)", PARK, YEAR, 1), ("Chemistry", HILL, YEAR, 1),
    ]  # fmt: skip
    told = {(one["code"], one["column"]) for one in done["leftOut"]}
    assert told == {("not-managed", "classes.csv: schoolSourcedId"), ("no-roster-role", "users.csv: email")}
    keys = await connection.fetch(
        "select m.member_key from student_group_members m join student_groups g on g.id = m.group_id "
        "where g.name = 'Algebra 1 (A1-1)'"
    )
    assert {one["member_key"] for one in keys} == {student_key(b"k" * 32, one) for one in NUMBERS[:2]}
    holders = await connection.fetch(
        "select user_id from student_group_users gu join student_groups g on g.id = gu.group_id where g.name ~ 'Alg'"
    )
    assert [one["user_id"] for one in holders] == [user_id("colleague")]
    count = len(await events(connection))
    again = await send(primary, SET)
    assert {one["outcome"] for one in again["groups"]} == {"unchanged"}
    assert len(await events(connection)) == count


async def test_a_newer_set_updates_and_a_rehearsal_changes_nothing(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    rehearsed = await send(site, SET, apply="false")
    assert (rehearsed["applied"], len(rehearsed["groups"])) == (False, 2)
    assert await groups(connection) == []
    await send(site, SET)
    newer = class_set(("c1,Algebra 1,A1-1,park",), (enrolled("c1", "k3"),))
    (one,) = (await send(site, newer))["groups"]
    assert (one["outcome"], one["added"], one["removed"]) == ("changed", 1, 2)


async def test_sections_without_codes_of_their_own_are_never_mixed(as_person: AsCaller, connection: Connection) -> None:
    """Two classes in one group would show each teacher the other's students."""
    same = class_set(
        ("c1,Algebra 1,,park", "c2,ALGEBRA  1,,park", "c3,Algebra 1,,hill"),
        (enrolled("c1", "k1"), enrolled("c2", "k2"), enrolled("c3", "k3")),
    )
    done = await send(await as_person("primary"), same)
    assert await groups(connection) == [("Algebra 1", HILL, YEAR, 1)]
    assert [one["code"] for one in done["leftOut"]] == ["not-in-set", "not-in-set"]


async def test_a_set_that_breaks_off_makes_no_group(as_person: AsCaller, connection: Connection) -> None:
    files = SET | {"enrollments.csv": SET["enrollments.csv"] + '"open,'}
    answer = await post(await as_person("primary"), zipped(files), CLASSES_PATH, apply="true")
    assert (answer.status_code, answer.json()["applied"]) == (422, False)
    assert "enrollments.csv" in answer.json()["errors"][0]["message"]
    assert await groups(connection) == []
    for missing in ("classes.csv", "enrollments.csv", "manifest.csv"):
        rest = {name: text for name, text in SET.items() if name != missing}
        answer = await post(await as_person("primary"), zipped(rest), CLASSES_PATH, apply="true")
        assert answer.status_code == 422
        assert missing in answer.json()["errors"][0]["message"]


async def test_no_number_of_a_student_is_kept_or_told(
    as_person: AsCaller, connection: Connection, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    primary = await as_person("primary")
    odd = SET | {"enrollments.csv": SET["enrollments.csv"] + f"{NUMBERS[0]},,,{NUMBERS[1]},student\n"}
    answers = [await post(primary, zipped(files), CLASSES_PATH, apply="true") for files in (SET, odd)]
    names = await connection.fetch(
        "select table_name from information_schema.tables where table_schema = 'hallpass' and table_type = 'BASE TABLE'"
    )
    kept = [await connection.fetch(f"select t::text from {row['table_name']} t") for row in names]
    told = "".join((str(kept), caplog.text, *capsys.readouterr(), *(answer.text for answer in answers)))
    assert not [number for number in NUMBERS if number in told]
