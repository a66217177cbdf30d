"""The example system: only what an entry says is allowed, and whatever it doesn't understand allows nothing."""

import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from examples.reporting.claims import Permit, RefusedError, is_complete, permits, verified
from examples.reporting.directory import Directory, read_directory

RESOURCE = "http://localhost:8001/"
ISSUER = "http://localhost:8000"
ENTRY: dict[str, Any] = {
    "type": "assessment_access",
    "locations": [RESOURCE],
    "actions": ["results:view"],
    "program": "caaspp",
    "school_year": "2026-27",
    "assessments": ["summative"],
    "reach": "site",
    "organizations": ["school:01600006000000"],
}
PERMIT = Permit("caaspp", "2026-27", ("summative",), "site", ("school:01600006000000",))


def test_an_entry_is_read() -> None:
    assert permits([ENTRY], RESOURCE) == (PERMIT,)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "other"},
        {"locations": ["https://elsewhere.example/"]},
        {"locations": None},
        {"actions": ["student-groups:manage"]},
        {"reach": "state"},
        {"reach": None},
        {"organizations": []},
        {"organizations": None},
        {"assessments": []},
        {"school_year": None},
        {"students": ["1"]},
    ],
)
def test_an_entry_that_is_not_understood_wholly_allows_nothing(change: dict[str, Any]) -> None:
    assert permits([ENTRY | change], RESOURCE) == ()


@pytest.mark.parametrize("entries", [None, {}, "all", 1])
def test_no_entries_at_all_are_refused(entries: object) -> None:
    with pytest.raises(RefusedError):
        permits(entries, RESOURCE)


@pytest.mark.parametrize("claims", [{}, {"assessment_access_complete": False, "authorization_details": [ENTRY]}])
def test_what_is_not_in_the_token_has_to_be_asked_for(claims: dict[str, Any]) -> None:
    assert not is_complete(claims)


KEY = ECKey.generate_key("P-256", {"kid": "k"})
KEYS = KeySet([KEY])


def token(header: dict[str, Any] | None = None, key: ECKey = KEY, **claims: Any) -> str:
    body = {"iss": ISSUER, "aud": RESOURCE, "client_id": "reporting", "sub": "s", "exp": int(time.time()) + 60}
    return jwt.encode({"alg": "ES256", "kid": "k", "typ": "at+jwt"} | (header or {}), body | claims, key)


def judged(text: str) -> object:
    return verified(text, KEYS, issuer=ISSUER, resource=RESOURCE, client_id="reporting", now=time.time())["sub"]


def test_an_access_token_for_this_system_is_taken() -> None:
    assert judged(token()) == "s"


@pytest.mark.parametrize(
    "text",
    [
        token(aud="http://localhost:8000"),
        token(aud=[RESOURCE, "https://elsewhere.example/"]),
        token(iss="https://elsewhere.example"),
        token(client_id="another"),
        token(exp=int(time.time()) - 1),
        token(exp=None),
        token(header={"typ": "JWT"}),
        token(key=ECKey.generate_key("P-256", {"kid": "k"})),
        "nothing",
    ],
)
def test_every_other_token_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        judged(text)


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    (tmp_path / "organizations.csv").write_text(
        "level,code,name,lea\nlea,L1,One,L1\nschool,S1,Park,L1\nschool,S2,Hill,L1\nlea,L2,Two,L2\nschool,S3,Bay,L2\n"
    )
    (tmp_path / "rosters.csv").write_text("sub,school,group\nme,S1,Mine\nme,S3,Far\nother,S1,Not mine\n")
    return read_directory(tmp_path / "organizations.csv", tmp_path / "rosters.csv")


@pytest.mark.parametrize(
    ("reach", "organizations", "schools"),
    [
        ("lea", ("lea:L1",), {"S1", "S2"}),
        ("schools", ("lea:L1",), {"S1", "S2"}),
        ("site", ("school:S1",), {"S1"}),
        ("site", ("school:S1", "school:S3"), {"S1", "S3"}),
        ("site", ("lea:L1",), set[str]()),
        ("lea", ("school:S1",), set[str]()),
        ("roster", ("school:S1",), set[str]()),
        ("lea", ("lea:unknown",), set[str]()),
    ],
)
def test_schools_follow_from_reach_and_organizations(
    directory: Directory, reach: str, organizations: tuple[str, ...], schools: set[str]
) -> None:
    permit = Permit("caaspp", "2026-27", ("summative",), reach, organizations)
    assert {school.code for school in directory.schools_of(permit)} == schools


@pytest.mark.parametrize(
    ("reach", "organizations", "groups"),
    [
        ("roster", ("school:S1",), ["Mine"]),
        ("roster", ("lea:L1",), ["Mine"]),
        ("roster", ("school:S2",), []),
        ("site", ("school:S1",), []),
    ],
)
def test_a_roster_reach_opens_only_groups_that_the_person_holds_there(
    directory: Directory, reach: str, organizations: tuple[str, ...], groups: list[str]
) -> None:
    permit = Permit("caaspp", "2026-27", ("summative",), reach, organizations)
    assert [group.name for group in directory.groups_of(permit, "me")] == groups
