"""Overrides of a cell: narrower at once, wider by two, for its days only, and alike for whoever asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.database import Pool
from tests.graphql.conftest import AsCaller
from tests.graphql.world import PARK, Caller, user_id
from tests.oidc.world import Clock
from tests.state.acting import act, code_of, refused, staff

pytestmark = pytest.mark.rule("state")
TODAY, LATER = "2026-11-22", "2026-12-01"


LAST_NIGHT = datetime(2026, 12, 2, 7, 59, tzinfo=UTC)
"""A minute before the day after, by the state's clock."""
MAY = """query ($person: ID!, $school: ID!, $kind: String, $permission: Permission!) {
    decide(check: {subject: $person, permission: $permission, assessment: $kind, organization: {id: $school}}) {
        allowed
    }
}"""
MATRIX = """{ program(code: "caaspp") { matrix { role { code } grants { permission reach } overrides {
    basis firstDay lastDay permission reach } } } }"""


@pytest.fixture
async def admins(http: object, pool: Pool, as_person: AsCaller) -> tuple[Caller, Caller]:
    return (
        await as_person(await staff(pool, "admin", "state-administrator")),
        await as_person(await staff(pool, "second", "state-administrator")),
    )


def override(**more: Any) -> dict[str, Any]:
    return {
        "program": "caaspp", "schoolYear": "2026-27", "role": "site-coordinator",
        "permission": "completion-status:reports:view", "reach": "SITE", "assessments": ["interim"],
        "firstDay": TODAY, "lastDay": LATER, "basis": "Decision 7 of the state board", **more,
    }  # fmt: skip


async def may(asking: Caller, kind: str | None, permission: str = "completion-status:reports:view") -> bool:
    found = await asking.data(
        MAY, person=str(user_id("site")), school=str(PARK), kind=kind, permission=permission
    )  # fmt: skip
    return found["decide"]["allowed"]


async def test_a_narrower_cell_counts_at_once_and_for_its_days_only(
    admins: tuple[Caller, Caller], pool: Pool, as_person: AsCaller, clock: Clock
) -> None:
    site = await as_person("site")
    assert await may(site, "summative")
    made = await act(admins[0], "setCellOverride", **override())
    assert made["userErrors"] == []
    assert made["request"] is None
    assert (await may(site, "summative"), await may(site, "interim")) == (False, True)
    cells = (await site.data(MATRIX))["program"]["matrix"]
    (shown,) = [cell["overrides"] for cell in cells if cell["overrides"]]
    assert shown == [
        {
            "basis": "Decision 7 of the state board", "firstDay": TODAY, "lastDay": LATER,
            "permission": "completion-status:reports:view", "reach": "SITE",
        }
    ]  # fmt: skip
    site = await as_person("site")
    async with pool.acquire() as connection:
        lasting = LAST_NIGHT + timedelta(days=1)
        await connection.execute("update sessions set expires_at = $1, last_seen_at = $2", lasting, LAST_NIGHT)
    clock.now = LAST_NIGHT
    assert not await may(site, "summative")
    clock.forward(minutes=2)
    assert await may(site, "summative")


async def test_an_ended_override_counts_no_more(admins: tuple[Caller, Caller], as_person: AsCaller) -> None:
    made = await act(admins[0], "setCellOverride", **override(reach=None, assessments=[]))
    site = await as_person("site")
    assert not await may(site, "interim")
    assert (await act(admins[1], "endCellOverride", override=made["override"]))["userErrors"] == []
    assert await may(site, "interim")
    assert await code_of(admins[1], "endCellOverride", override=made["override"]) == ["NOT_FOUND"]


async def test_what_gives_more_than_the_source_waits_for_a_second_administrator(
    admins: tuple[Caller, Caller], as_person: AsCaller
) -> None:
    one, two = admins
    wider = override(permission="toms:windows:edit", assessments=[])
    effects = await one.data(
        "query ($input: CellOverrideInput!) { cellOverrideEffects(input: $input) { wider people sample { id } } }",
        input=wider,
    )
    assert effects["cellOverrideEffects"]["wider"]
    assert effects["cellOverrideEffects"]["people"] == len(effects["cellOverrideEffects"]["sample"]) == 2
    asked = await act(one, "setCellOverride", **wider)
    assert asked["override"] is None
    site = await as_person("site")
    assert not await may(site, None, "toms:windows:edit")
    assert await refused(one, "confirmRequest", request=asked["request"]) == ["OWN_REQUEST"]
    assert (await act(two, "confirmRequest", request=asked["request"]))["userErrors"] == []
    assert await may(site, None, "toms:windows:edit")
    listed = (await one.data("{ cellOverrides { setBy { id } confirmedBy { id } } }"))["cellOverrides"]
    assert listed == [{"setBy": {"id": str(user_id("admin"))}, "confirmedBy": {"id": str(user_id("second"))}}]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"program": "state", "role": "help-desk", "permission": "hallpass:state:privacy"}, "STATE_PACK"),
        ({"role": "no-such-role"}, "UNKNOWN_ROLE"),
        ({"basis": " "}, "BASIS_MISSING"),
        ({"firstDay": "2026-11-21"}, "DAYS"),
        ({"lastDay": "2026-11-21"}, "DAYS"),
        ({"lastDay": "2028-01-01"}, "DAYS"),
        ({"assessments": ["no-such-kind"]}, "IMPOSSIBLE"),
        ({"permission": "toms:no-such:view"}, "IMPOSSIBLE"),
        ({"reach": "LEA"}, "IMPOSSIBLE"),
        ({"permission": "toms:windows:edit", "reach": None, "assessments": []}, "UNCHANGED"),
    ],
)
async def test_what_is_impossible_is_refused(admins: tuple[Caller, Caller], wrong: dict[str, Any], code: str) -> None:
    assert await refused(admins[0], "setCellOverride", **override(**wrong)) == [code]


async def test_two_overrides_of_one_cell_share_no_day(admins: tuple[Caller, Caller]) -> None:
    assert await refused(admins[0], "setCellOverride", **override()) == []
    again = override(firstDay=LATER, lastDay="2026-12-24")
    assert await refused(admins[0], "setCellOverride", **again) == ["OVERLAPS"]
    assert await refused(admins[0], "setCellOverride", **{**again, "firstDay": "2026-12-02"}) == []


@pytest.mark.parametrize("role", ["help-desk", "privacy-officer", "auditor", "integration-administrator"])
async def test_others_override_nothing(http: object, pool: Pool, as_person: AsCaller, role: str) -> None:
    other = await as_person(await staff(pool, "other", role))
    assert await code_of(other, "setCellOverride", **override()) == ["FORBIDDEN"]
