"""The token check of components older than OpenID: its shape, what it takes, and that it leaves no trace."""

import httpx2
import pytest
from starlette.applications import Starlette

from store.database import Connection
from tests.oidc.world import (
    LEA,
    NOW,
    PARK,
    THSS_URI,
    Clock,
    bearer,
    give,
    http_of,
    person,
    take_all,
)
from tests.smarter.components import (
    HAND_SCORING,
    LIBRARY,
    RDW,
    RDW_MODERN,
    SEVERAL,
    person_token,
    system_token,
    tokeninfo,
)
from tests.smarter.readers import Read, rdw, shared_security

pytestmark = pytest.mark.usefixtures("components")
PATH = "/auth/oauth2/tokeninfo"


async def test_a_persons_token_in_the_old_shape(app: Starlette, connection: Connection, clock: Clock) -> None:
    user = await person(connection, "ana", ("educator-district", LEA), ("educator-roster", PARK))
    token = await person_token(app, "ana", RDW)
    clock.forward(seconds=100)
    answer = await tokeninfo(app, token)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    chains = told.pop("sbacTenancyChain")
    attributes = ["sbacUUID", "mail", "givenName", "sn", "cn", "sbacTenancyChain"]
    assert told == {
        "sbacUUID": str(user),
        "mail": "ana@example.org",
        "givenName": "Ana",
        "sn": "Example",
        "cn": "Ana Example",
        "client_id": "rdw",
        "scope": [*attributes, "openid", "sbac"],
        "grant_type": "authorization_code",
        "realm": "/sbac",
        "token_type": "Bearer",
        "expires_in": 200,
        "access_token": token,
    }
    expected = [Read("PII", "DISTRICT", "19647330000000"), Read("PII_GROUP", "INSTITUTION", "19647331930000")]
    assert isinstance(chains, str)
    assert "|,|" in chains
    assert rdw(chains) == shared_security(chains) == expected


async def test_without_scope_sbac_nothing_of_the_person_is_told(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("educator-district", LEA))
    told = (await tokeninfo(app, await person_token(app, "ana", RDW, scope="openid"))).json()
    assert told["scope"] == ["openid"]
    assert not {"sbacUUID", "mail", "cn", "sbacTenancyChain"} & told.keys()


async def test_a_systems_own_token(app: Starlette) -> None:
    """Of no person: it has neither an id nor a chain, so no component takes it for one."""
    answer = await tokeninfo(app, await system_token(app, RDW))
    told = answer.json()
    assert answer.status_code == 200
    assert (told["grant_type"], told["client_id"], told["cn"]) == ("client_credentials", "rdw", "RDW")
    assert told["scope"] == ["cn"]
    assert told["expires_in"] == 300
    assert not {"sbacUUID", "sbacTenancyChain", "mail"} & told.keys()


async def test_the_header_is_read_as_well(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("educator-district", LEA))
    for client in (RDW, RDW_MODERN):
        token = await person_token(app, "ana", client)
        answer = await tokeninfo(app, token, in_query=False)
        assert (answer.status_code, answer.json()["mail"]) == (200, "ana@example.org")


@pytest.mark.checklist("26 in the address")
async def test_a_token_in_the_address_is_taken_of_legacy_clients_only(app: Starlette, connection: Connection) -> None:
    await connection.execute("update relying_parties set legacy = false")
    await person(connection, "ana", ("educator-district", LEA))
    answer = await tokeninfo(app, await person_token(app, "ana", RDW_MODERN))
    assert refused(answer) == "invalid_request"
    assert "Authorization header" in answer.json()["error_description"]
    assert refused(await tokeninfo(app, await system_token(app, RDW_MODERN))) == "invalid_request"


@pytest.mark.checklist(26)
async def test_a_legacy_audience_may_check_the_tokens_that_it_is_sent(app: Starlette, connection: Connection) -> None:
    """The component that checks a token is its audience; whoever fetched it may be a modern client."""
    await person(connection, "ana", ("site-coordinator", PARK))
    token = await person_token(app, "ana", SEVERAL, resource=THSS_URI)
    assert (await tokeninfo(app, token)).status_code == 200
    await connection.execute("update relying_parties set legacy = false where client_id = 'hand-scoring'")
    assert refused(await tokeninfo(app, token)) == "invalid_request"


@pytest.mark.parametrize(
    "path", ["/oauth2/userinfo", "/graphql", "/rest/role", "/rest/user", "/oauth2/claims/assessment"]
)
@pytest.mark.checklist("26 in the address")
async def test_nowhere_else_is_a_token_read_from_the_address(app: Starlette, connection: Connection, path: str) -> None:
    await person(connection, "ana", ("educator-district", LEA))
    token = await person_token(app, "ana", RDW)
    answer = await http_of(app).get(path, params={"access_token": token})
    assert answer.status_code == 400
    assert token not in answer.text


@pytest.mark.checklist("26 two tokens")
async def test_two_tokens_are_none(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("educator-district", LEA))
    token = await person_token(app, "ana", RDW)
    http = http_of(app)
    assert refused(await http.get(PATH, params={"access_token": token}, headers=bearer(token))) == "invalid_request"
    assert refused(await http.get(f"{PATH}?access_token={token}&access_token={token}")) == "invalid_request"
    assert refused(await http.get(PATH)) == "invalid_request"
    assert refused(await http.get(PATH, params={"access_token": ""})) == "invalid_request"
    assert refused(await http.get(PATH, params={"access_token": token, "realm": "/other"})) == "invalid_request"
    assert refused(await http.get(PATH, headers={"Authorization": "Basic abc"})) == "invalid_token"
    assert (await http.post(PATH, data={"access_token": token})).status_code == 405


async def test_what_is_no_good_token(app: Starlette, connection: Connection, clock: Clock) -> None:
    user = await person(connection, "ana", ("educator-district", LEA))
    token = await person_token(app, "ana", RDW)
    header, claims, signature = token.split(".")
    for bad in ("", "x", "a.b.c", f"{header}.{claims}.", f"{header}.{claims}.{signature[::-1]}", "é\x00"):
        assert "error" in (await tokeninfo(app, bad)).json()
    clock.forward(minutes=5)
    assert refused(await tokeninfo(app, token)) == "invalid_token"
    clock.now = NOW
    assert (await tokeninfo(app, token)).status_code == 200
    await take_all(connection, user)
    assert refused(await tokeninfo(app, token)) == "invalid_token"


async def test_it_is_judged_at_this_moment(app: Starlette, connection: Connection) -> None:
    """A role that ends between the token and its check is gone from the answer."""
    user = await person(connection, "ana", ("educator-district", LEA), ("educator-roster", PARK))
    token = await person_token(app, "ana", RDW)
    await take_all(connection, user, "educator-district")
    chains = (await tokeninfo(app, token)).json()["sbacTenancyChain"]
    assert rdw(chains) == [Read("PII_GROUP", "INSTITUTION", "19647331930000")]
    await give(connection, user, "educator-district", LEA)
    assert len(rdw((await tokeninfo(app, token)).json()["sbacTenancyChain"])) == 2
    await connection.execute("update relying_parties set active = false where client_id = 'rdw'")
    assert refused(await tokeninfo(app, token)) == "invalid_token"
    await connection.execute("update relying_parties set active = true where client_id = 'rdw'")
    await connection.execute("update authorizations set revoked_at = now(), revoked_why = 'a test'")
    assert refused(await tokeninfo(app, token)) == "invalid_token"


async def test_only_the_clients_own_systems(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("test-administrator", PARK))
    found = {
        client.client_id: [one.role for one in rdw((await tokeninfo(app, token)).json()["sbacTenancyChain"])]
        for client in (RDW, HAND_SCORING, LIBRARY)
        for token in [await person_token(app, "ana", client)]
    }
    assert found == {"rdw": ["PII_GROUP"], "hand-scoring": ["Scorer"], "library": ["DL_EndUser"]}


@pytest.mark.checklist("59 a log")
async def test_no_token_of_an_address_reaches_a_log(
    app: Starlette, connection: Connection, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await person(connection, "ana", ("educator-district", LEA))
    token = await person_token(app, "ana", RDW)
    with caplog.at_level("DEBUG"):
        assert (await tokeninfo(app, token)).status_code == 200
        assert refused(await tokeninfo(app, token + "x")) == "invalid_token"
    written = capfd.readouterr()
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx2")]  # the test's own browser
    logged = written.out + written.err + "".join(ours)
    assert PATH in logged
    assert token.rpartition(".")[2] not in logged
    assert "access_token" not in logged


def refused(answer: httpx2.Response) -> str:
    """The error of a refusal, which is always 400 and says what was wrong."""
    assert answer.status_code == 400
    assert answer.json().keys() == {"error", "error_description"}
    error: str = answer.json()["error"]
    return error
