"""One document, asked by five callers: five committed answers.

`HALLPASS_WRITE_ANSWERS=1` writes them anew, to be read line by line before they are committed.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.graphql.conftest import AsCaller
from tests.graphql.world import PARK, ROSTER, Caller, codes, user_id

FOLDER = Path(__file__).parent / "five_callers"
CALLERS = {
    "site-coordinator": "site",
    "test-administrator": "teacher",
    "educator-district": "educator",
    "superintendent": "superintendent",
    "signed-out": None,
}


async def answer_of(name: str, as_person: AsCaller, signed_out: Caller) -> dict[str, Any]:
    person = CALLERS[name]
    caller = await as_person(person) if person else signed_out
    return await caller.ask(
        (FOLDER / "document.graphql").read_text(encoding="utf-8"),
        park=str(PARK),
        colleague=str(user_id("colleague")),
        farTeacher=str(user_id("far-teacher")),
        roster=str(ROSTER),
    )


@pytest.mark.parametrize("name", CALLERS)
async def test_the_answer_is_the_committed_one(name: str, as_person: AsCaller, signed_out: Caller) -> None:
    answer = await answer_of(name, as_person, signed_out)
    path = FOLDER / f"{name}.json"
    if os.environ.get("HALLPASS_WRITE_ANSWERS"):
        path.write_text(json.dumps(answer, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert answer == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.checklist("55 reading")
async def test_withheld_fields_are_null_with_an_error_at_their_path(as_person: AsCaller, signed_out: Caller) -> None:
    answer = await answer_of("test-administrator", as_person, signed_out)
    withheld = "UNAUTHORIZED_FIELD_OR_TYPE"
    assert (withheld, ["users"]) in codes(answer)
    assert (withheld, ["school", "users"]) in codes(answer)
    assert answer["data"]["users"] is None
    assert answer["data"]["school"]["users"] is None
    assert answer["data"]["school"]["name"] == "Park Elementary"
