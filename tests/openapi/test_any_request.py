"""Whatever is sent to the REST parts: no status of 500 or more, an answer that the document has, and nothing leaks."""

import json
import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from schemathesis import GenerationMode

from tests.decisions.conftest import Api
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, HILL, LEA, OTHER_ROSTER, PARK, ROSTER, Caller, assignment_id, user_id
from tests.oidc.world import OTHER_LEA, SECRET, STATE
from tests.openapi.generated import Sent, requests_of
from tests.openapi.judge import DOCUMENT, documented

pytestmark = pytest.mark.slow
ASKED = [path for path in DOCUMENT["paths"] if path.startswith("/access/v1/")]
OPEN = [path for path, methods in DOCUMENT["paths"].items() if "get" in methods]
NEAR = [str(user_id(name)) for name in ("site", "teacher", "shared", "unsigned")]
FAR = {
    str(user_id("far-lead")): "00000000-0000-4000-8000-000000000001",
    str(user_id("far-teacher")): "00000000-0000-4000-8000-000000000002",
    str(BEACH): "00000000-0000-4000-8000-000000000003",
    str(OTHER_LEA): "00000000-0000-4000-8000-000000000004",
    "school:01611196000000": "school:01611196009999",
    "lea:01611190000000": "lea:01611190009999",
    str(assignment_id("far-teacher", "test-administrator", BEACH)): "00000000-0000-4000-8000-000000000005",
}
"""What the site coordinator of one LEA can't see in the other -> what nobody has."""
PLACES = [str(one) for one in (PARK, HILL, LEA, STATE)] + ["school:19647331930000"]
PEOPLE = NEAR + [one for one in FAR if one in {str(user_id("far-lead")), str(user_id("far-teacher"))}]
EVERYWHERE = PLACES + [one for one in FAR if one in {str(BEACH), str(OTHER_LEA)} or ":" in one]
KNOWN = {
    "User.id": PEOPLE,
    "user": PEOPLE,
    "assigned_to": PEOPLE,
    "Organization.id": EVERYWHERE,
    "organization": EVERYWHERE,
    "organizations": EVERYWHERE,
    "StudentGroup.id": [str(ROSTER), str(OTHER_ROSTER), "held-by-the-system"],
    "RoleAssignment.id": [
        str(assignment_id("teacher", "test-administrator", PARK)),
        str(assignment_id("far-teacher", "test-administrator", BEACH)),
    ],
    "System.id": ["cers", "thss", "toms", "dei", "nothing"],
    "program": ["caaspp", "elpac"],
    "role": ["site-coordinator", "test-administrator", "lea-coordinator"],
    "school_year": ["2026-27", "2027-28"],
    "assessment": ["summative", "interim"],
}
TOLD = re.compile(r"Traceback|asyncpg|psycopg|select |/gateway/|/store/|Bay Unified|Beach Elementary|@example\.org")


async def _answer(http: httpx2.AsyncClient, sent: Sent, headers: dict[str, str]) -> httpx2.Response:
    answer = await http.request(sent.method, sent.path, headers={**sent.headers, **headers}, content=sent.content)
    assert answer.status_code < 500, (sent, answer.text)
    assert not TOLD.search(answer.text), (sent, answer.text)
    return answer


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
async def test_any_question_is_answered_as_the_document_says(
    thss: Api, cers: Api, as_person: AsCaller, path: str, mode: GenerationMode
) -> None:
    callers = [thss.caller, cers.caller, await as_person("site"), Caller(thss.caller.http, {})]
    for number, sent in enumerate(requests_of(path, mode, 40, KNOWN)):
        caller = callers[number % len(callers)]
        answer = await _answer(caller.http, sent, caller.headers)
        assert documented(answer, path), sent
        if not caller.headers:
            assert answer.status_code in (400, 401), sent


@pytest.mark.parametrize("path", ASKED)
async def test_what_cannot_be_seen_is_answered_as_what_nobody_has(
    as_person: AsCaller, as_token_bearer: Callable[[str], Awaitable[Caller]], path: str
) -> None:
    """Each question about the other LEA, and the same about nothing: same status, same decision, same words."""
    callers = [await as_person("site"), await as_token_bearer("site")]
    compared = 0
    for sent in requests_of(path, GenerationMode.POSITIVE, 100, KNOWN):
        text = sent.content.decode()
        if not any(one in text for one in FAR):
            continue
        compared += 1
        caller = callers[compared % 2]
        nowhere = text
        for far, nothing in FAR.items():
            nowhere = nowhere.replace(far, nothing)
        about_nothing = Sent(sent.path, sent.method, sent.headers, nowhere.encode())
        there, nothing_there = [await _answer(caller.http, one, caller.headers) for one in (sent, about_nothing)]
        assert there.status_code == nothing_there.status_code, (text, there.text, nothing_there.text)
        assert _without_ids(there) == _without_ids(nothing_there), text
        if path.startswith("/access/v1/search"):
            assert not any(far in there.text for far in FAR), text
    assert compared > 5


async def test_whoever_sees_the_other_lea_is_told_more(as_person: AsCaller) -> None:
    """So that the comparison above isn't one of two denials."""
    caller = await as_person("far-lead")
    for sent in requests_of("/access/v1/evaluation", GenerationMode.POSITIVE, 100, KNOWN):
        nowhere = sent.content.decode()
        for far, nothing in FAR.items():
            nowhere = nowhere.replace(far, nothing)
        about_nothing = Sent(sent.path, sent.method, sent.headers, nowhere.encode())
        there, nothing_there = [await _answer_unjudged(caller, one) for one in (sent, about_nothing)]
        if _without_ids(there) != _without_ids(nothing_there):
            return
    raise AssertionError("nothing differs")


async def _answer_unjudged(caller: Caller, sent: Sent) -> httpx2.Response:
    headers = {**sent.headers, **caller.headers}
    return await caller.http.request(sent.method, sent.path, headers=headers, content=sent.content)


def _without_ids(answer: httpx2.Response) -> str:
    """The text without what differs each time, and with what was asked about called by one name."""
    text = re.sub(r'"decision_id":"[^"]*"|"next_token":"[^"]+"', "", answer.text)
    for far, nothing in FAR.items():
        text = text.replace(far, nothing)
    return text


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
async def test_any_form_at_the_token_endpoint(http: httpx2.AsyncClient, mode: GenerationMode) -> None:
    known = {"client_id": ["reporting", "scoring", "nobody"], "client_secret": [SECRET, "scoring-secret", "wrong"]}
    granted = 0
    for sent in requests_of("/oauth2/token", mode, 120, known):
        answer = await _answer(http, sent, {})
        assert documented(answer, "/oauth2/token"), sent
        granted += answer.status_code == 200
        assert SECRET not in answer.text
    assert granted == 0 or mode is GenerationMode.POSITIVE


@pytest.mark.parametrize("path", OPEN)
async def test_what_is_open_to_everybody_is_as_the_document_says(http: httpx2.AsyncClient, path: str) -> None:
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json", "X-Request-ID": "\x7f"}):
        answer = await http.get(path, headers=headers)
        assert answer.status_code in (200, 503)
        assert documented(answer, path)
        if answer.headers["content-type"] == "application/json":
            assert json.loads(answer.text)
