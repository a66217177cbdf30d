"""Authorization details narrow and never widen (RFC 9396)."""

import json
from typing import Any

import pytest

from gateway.oidc.authorization.details import cut_to, requested_details
from gateway.oidc.errors import InvalidAuthorizationDetailsError
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import CERS_URI, LEA, Browser, claims_of, person, returned

ENTRY: dict[str, Any] = {
    "type": "assessment_access",
    "locations": [CERS_URI],
    "actions": ["results:view", "student-groups:manage"],
    "program": "caaspp",
    "school_year": "2026-27",
    "assessments": ["interim", "summative"],
    "reach": "site",
    "organizations": ["school:1", "school:2"],
}


def asked(**members: Any) -> list[dict[str, Any]]:
    return [{"type": "assessment_access", **members}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "{}",
        "[]",
        "[1]",
        '[{"type": "payment"}]',
        '[{"actions": ["results:view"]}]',
        '[{"type": "assessment_access", "amount": 5}]',
        '[{"type": "assessment_access", "actions": "results:view"}]',
        '[{"type": "assessment_access", "actions": []}]',
        '[{"type": "assessment_access", "actions": [1]}]',
        '[{"type": "assessment_access", "program": ["caaspp"]}]',
        json.dumps(asked() * 21),
    ],
)
def test_malformed_or_unknown(text: str) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        requested_details(text)


@pytest.mark.parametrize(
    ("narrowing", "left"),
    [
        (asked(), {}),
        (asked(actions=["results:view"]), {"actions": ["results:view"]}),
        (asked(actions=["results:view", "results:delete"]), {"actions": ["results:view"]}),
        (asked(organizations=["school:2", "school:9"]), {"organizations": ["school:2"]}),
        (asked(assessments=["interim"], program="caaspp"), {"assessments": ["interim"]}),
        (asked(reports=["x"]), {"reports": ["x"]}),
        (asked(actions=["results:delete"]), None),
        (asked(program="elpac"), None),
        (asked(school_year="2025-26"), None),
        (asked(reach="lea"), None),
        (asked(locations=["https://thss.example/"]), None),
        (asked(groups=["g"]), None),
    ],
)
def test_the_intersection(narrowing: list[dict[str, Any]], left: dict[str, Any] | None) -> None:
    assert cut_to([ENTRY], narrowing) == ([] if left is None else [{**ENTRY, **left}])


def test_two_narrowings_are_told_apart() -> None:
    cut = cut_to([ENTRY], [*asked(assessments=["interim"]), *asked(assessments=["summative"])])
    assert [entry["assessments"] for entry in cut] == [["interim"], ["summative"]]


async def test_what_was_asked_for_stays_asked_for(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    await person(connection, "dee", ("educator-district", LEA))
    await browser.sign_in("dee")
    narrow = json.dumps(asked(assessments=["interim"]))
    tokens = await browser.tokens(authorization_details=narrow)
    refreshed = (await browser.refresh(tokens["refresh_token"])).json()
    for body in (tokens, refreshed):
        entries = claims_of(body["access_token"])["authorization_details"]
        assert {tuple(entry["assessments"]) for entry in entries} == {("interim",)}
    nothing = json.dumps(asked(program="elpac"))
    assert (await browser.authorize(authorization_details=nothing)).status_code == 403
    wider = json.dumps(asked(assessments=["summative"]))
    answer = await browser.refresh(refreshed["refresh_token"], authorization_details=wider)
    assert answer.status_code == 400


async def test_an_unknown_member_is_refused_at_the_door(gateway: Gateway, browser: Browser) -> None:
    text = json.dumps(asked(surprise=True))
    answer = returned(await browser.authorize(authorization_details=text))
    assert answer["error"] == "invalid_authorization_details"
