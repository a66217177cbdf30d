"""The examples of docs/decisions.md run as they are printed."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy.reasons import Reason
from tests.decisions.conftest import Api
from tests.graphql.world import user_id

PAGE = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"curl -s http://localhost:8000/access/v1/(\S+) [^\n]*? -d '(\{.*?\n\})'", PAGE, re.DOTALL)
EXPECTED: tuple[Callable[[Any], bool], ...] = (
    lambda answer: answer["decision"] is True and answer["context"]["asserted"] is True,
    lambda answer: [one["decision"] for one in answer["evaluations"]] == [True, False],
    lambda answer: len(answer["results"]) == 1 and answer["page"] == {"next_token": "", "count": 1},
)


@pytest.mark.parametrize("number", range(len(EXPECTED)))
async def test_each_example_is_answered_as_the_page_says(hallpass: Api, number: int) -> None:
    assert len(EXAMPLES) == len(EXPECTED)
    path, body = EXAMPLES[number]
    answer = await hallpass.answer(path, json.loads(body.replace("$PERSON", str(user_id("site")))))
    assert EXPECTED[number](answer), answer


def test_every_reason_is_in_the_table() -> None:
    assert {reason.value for reason in Reason} <= set(re.findall(r"`([a-z-]+)`", PAGE))
