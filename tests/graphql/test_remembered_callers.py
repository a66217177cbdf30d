"""Callers from memory: only what was sent the same way is the same caller."""

from gateway.cookies import Cookie
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import Caller

_WHO = "{ viewer { id } }"


async def test_a_remembered_token_is_no_cookie(as_token_bearer: AsTokenBearer) -> None:
    caller = await as_token_bearer("primary")
    assert (await caller.data(_WHO))["viewer"] is not None
    (token,) = caller.headers.values()
    assert (await Caller(caller.http, {"Cookie": token}).data(_WHO))["viewer"] is None


async def test_a_remembered_cookie_is_no_token(as_person: AsCaller) -> None:
    caller = await as_person("primary")
    assert (await caller.data(_WHO))["viewer"] is not None
    answer = await Caller(caller.http, {"Authorization": caller.headers["Cookie"]}).post(_WHO)
    assert answer.status_code == 401


async def test_a_remembered_token_and_a_session_are_still_two(
    as_token_bearer: AsTokenBearer, as_person: AsCaller
) -> None:
    by_token, in_session = await as_token_bearer("primary"), await as_person("teacher")
    await by_token.data(_WHO)
    await in_session.data(_WHO)
    answer = await Caller(by_token.http, {**in_session.headers, **by_token.headers}).post(_WHO)
    assert answer.status_code == 400


async def test_a_token_in_the_address_is_refused_however_it_is_written(as_token_bearer: AsTokenBearer) -> None:
    caller = await as_token_bearer("primary")
    await caller.data(_WHO)
    for name in ("access_token", "access%5Ftoken", "%61ccess_token"):
        answer = await caller.http.post(f"/graphql?{name}=x", json={"query": _WHO}, headers=caller.headers)
        assert answer.status_code == 400, name


async def test_an_empty_session_cookie_is_nobody(as_person: AsCaller) -> None:
    caller = await as_person("primary")
    await caller.data(_WHO)
    assert (await Caller(caller.http, {"Cookie": f"{Cookie.SESSION}="}).data(_WHO))["viewer"] is None
