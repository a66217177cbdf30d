"""The examples of docs/graphql.md run as they are printed."""

import re
from pathlib import Path

from tests.graphql.conftest import AsCaller
from tests.graphql.world import PARK, user_id

PAGE = Path(__file__).parents[2] / "docs" / "graphql.md"
EXAMPLES = {
    re.match(r"\w+ (\w+)", text).group(1): text  # pyright: ignore[reportOptionalMemberAccess]
    for text in re.findall(r"```graphql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
}


async def test_every_example_is_run_here_or_by_the_subscriptions_tests() -> None:
    assert set(EXAMPLES) == {"People", "May", "Why", "Add", "Changes"}


async def test_whom_may_i_see(as_person: AsCaller) -> None:
    data = await (await as_person("site")).data(EXAMPLES["People"])
    assert data["viewer"]["user"] == {"firstName": "Site"}
    assert data["users"]["totalCount"] == 5


async def test_may_she_do_this_there(as_person: AsCaller) -> None:
    data = await (await as_person("site")).data(EXAMPLES["May"], school="19647331930000")
    assert (data["decide"]["allowed"], data["decide"]["reason"]) == (True, "GRANTED")


async def test_why_not(as_person: AsCaller) -> None:
    data = await (await as_person("site")).data(EXAMPLES["Why"], person=str(user_id("colleague")), school=str(PARK))
    assert data["explain"]["decision"]["allowed"] is False
    assert [stop["gate"] for row in data["explain"]["roles"] for stop in row["stops"]] == ["NOT_GIVEN"]


async def test_giving_a_role(as_person: AsCaller) -> None:
    data = await (await as_person("site")).data(EXAMPLES["Add"], school=str(PARK), key="example")
    assert data["createUser"]["userErrors"] == []
    assert data["createUser"]["user"]["status"] == "INVITED"
