"""Scope sbac at userinfo and in ID tokens: attributes, chains, and whom they are told."""

import json

import pytest
from starlette.applications import Starlette

from policy.facts import Level
from policy.ids import OrganizationId
from store.database import Connection
from tests.oidc.world import (
    ELPAC,
    HILL,
    LEA,
    PARK,
    Browser,
    claims_of,
    give,
    http_of,
    ident,
    organization,
    person,
    sign,
    take_all,
)
from tests.smarter.components import (
    HAND_SCORING,
    LIBRARY,
    RDW,
    RDW_ACTIVE,
    SEVERAL,
    changed,
    person_token,
    posted,
    signed_in,
    userinfo,
)

pytestmark = pytest.mark.usefixtures("components")
HEAD = "CA|California|||CA|California|||19647330000000|Valley Unified|||"


def school(role: str, code: str = "19647331930000", name: str = "Park Elementary") -> str:
    return f"|{code}|{role}|INSTITUTION|{HEAD}{code}|{name}|"


def district(role: str) -> str:
    return f"|19647330000000|{role}|DISTRICT|{HEAD}||"


async def chains(app: Starlette, name: str, client: object = RDW) -> list[str]:
    assert client in (RDW, RDW_ACTIVE, HAND_SCORING, LIBRARY, SEVERAL)
    told = await userinfo(app, await person_token(app, name, client))  # pyright: ignore[reportArgumentType]
    found: list[str] = told["sbacTenancyChain"]
    return found


async def test_the_attributes_under_their_names(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "ana", ("site-coordinator", PARK))
    await connection.execute("update users set phone = '916-555-0100' where id = $1", user)
    told = await userinfo(app, await person_token(app, "ana", RDW))
    assert told == {
        "sub": str(user),
        "sbacUUID": str(user),
        "sbacTenancyChain": [
            school("CUSTOM_AGGREGATE_REPORTER"),
            school("GROUP_ADMIN"),
            school("Instructional Resource Admin"),
            school("PII"),
        ],
        "mail": "ana@example.org",
        "givenName": "Ana",
        "sn": "Example",
        "cn": "Ana Example",
        "telephoneNumber": "916-555-0100",
    }


async def test_without_the_scope_nothing_of_it_is_told(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    told = await userinfo(app, await person_token(app, "ana", RDW, scope="openid assessment"))
    assert told.keys() == {"sub", "assessment", "assessment_access"}


async def test_only_roles_of_the_relying_partys_own_systems(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("test-administrator", PARK))
    assert await chains(app, "ana", RDW) == [school("PII_GROUP")]
    assert await chains(app, "ana", HAND_SCORING) == [school("Scorer")]
    assert await chains(app, "ana", LIBRARY) == [school("DL_EndUser")]
    assert await chains(app, "ana", SEVERAL) == [school("DL_EndUser"), school("PII_GROUP"), school("Scorer")]


async def test_the_active_role_or_the_union_as_registered(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "ana", ("educator-district", LEA))
    await give(connection, user, "ls-correspondence-administrator", LEA, ELPAC)
    await sign(connection, user, ELPAC)
    assert await chains(app, "ana", RDW) == [district("PII"), district("PII_GROUP")]
    active = await chains(app, "ana", RDW_ACTIVE)
    assert active in ([district("PII")], [district("PII_GROUP")])


@pytest.mark.rule("S1-09")
async def test_s1_09_the_fallback_has_a_coordinators_chains(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "sue", ("superintendent", LEA))
    await connection.execute("update role_assignments set origin = 'directory' where user_id = $1", user)
    await changed(connection)
    roles = {one.split("|")[2] for one in await chains(app, "sue")}
    assert roles == {"PII", "GROUP_ADMIN", "CUSTOM_AGGREGATE_REPORTER", "Instructional Resource Admin"}
    other = await person(connection, "cora", ("lea-coordinator", LEA))
    await changed(connection)
    assert await chains(app, "sue") == [district("PII")]
    await take_all(connection, other)
    await changed(connection)
    assert len(await chains(app, "sue")) == 4


async def test_what_does_not_count_has_no_chain(app: Starlette, connection: Connection) -> None:
    """Consumers cache and don't look again: a role without its forms, or that has ended, is left out beforehand."""
    user = await person(connection, "ana", ("educator-roster", HILL), ("test-administrator", PARK), forms=False)
    assert await chains(app, "ana", RDW) == [school("PII_GROUP", "19647331930001", "Hill Elementary")]
    await sign(connection, user)
    assert len(await chains(app, "ana", RDW)) == 2
    await take_all(connection, user, "educator-roster")
    assert await chains(app, "ana", RDW) == [school("PII_GROUP")]


async def test_interim_only_is_nothing_in_rdw(app: Starlette, connection: Connection) -> None:
    await person(connection, "ian", ("ia-administrator", PARK))
    assert await chains(app, "ian", RDW) == []
    assert await chains(app, "ian", HAND_SCORING) == [school("Scorer")]


async def test_an_overridden_cell_takes_its_chains_along(app: Starlette, connection: Connection) -> None:
    """The mapping still says PII; the grants behind it are interim only, so RDW would show more."""
    await person(connection, "ana", ("educator-test-site", PARK))
    assert await chains(app, "ana", RDW) == [school("PII")]
    line = 'reach = "site", assessments = ["summative", "interim"] }'
    begin = 'educator-test-site = { text = "Site level", may = ["cers:results:view"], '
    found = await connection.execute(
        "update packs set source = replace(source, $1, $2) where program = 'caaspp' and source like $3",
        begin + line,
        begin + line.replace('"summative", ', ""),
        f"%{begin}{line}%",
    )
    assert found == "UPDATE 1"
    await changed(connection)
    assert await chains(app, "ana", RDW) == []


async def test_a_relying_party_that_asked_for_less_is_told_less(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("site-coordinator", PARK), ("site-coordinator", HILL))

    async def narrowed(**members: list[str]) -> list[str]:
        details = json.dumps([{"type": "assessment_access", **members}])
        token = await person_token(app, "ana", RDW, authorization_details=details)
        found: list[str] = (await userinfo(app, token))["sbacTenancyChain"]
        return found

    everything = await narrowed(locations=["https://cers.example/"])
    assert len(everything) == 8
    assert {one.split("|")[1] for one in await narrowed(organizations=["school:19647331930001"])} == {"19647331930001"}
    assert {one.split("|")[2] for one in await narrowed(actions=["results:view"])} == {
        "PII", "CUSTOM_AGGREGATE_REPORTER",
    }  # fmt: skip
    assert await narrowed(assessments=["interim"]) == []


async def test_names_that_would_break_a_chain(app: Starlette, connection: Connection) -> None:
    await connection.execute("update organizations set name = ',' where id = $1", LEA)
    await connection.execute("update organizations set name = '  Oak | Elm, West' where id = $1", PARK)
    await changed(connection)
    await person(connection, "ana", ("educator-roster", PARK))
    (only,) = await chains(app, "ana", RDW)
    assert only.split("|")[13:18] == [";", "", "", "19647331930000", "Oak / Elm, West"]


async def test_400_schools_make_as_many_chains(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "many")
    for number in range(400):
        where = OrganizationId(ident(f"school {number}"))
        await organization(connection, where, Level.SCHOOL, LEA, LEA, f"1964733{number:07}", f"School {number}")
        await give(connection, user, "site-coordinator", where)
    found = await chains(app, "many", RDW)
    assert len(found) == len(set(found)) == 1600
    assert all(one.count("|") == 18 for one in found)


async def test_an_id_token_carries_them_while_there_is_room(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "ana", ("educator-roster", PARK))
    browser = await signed_in(app, "ana", RDW)
    identity = claims_of((await _tokens(browser, "openid sbac"))["id_token"])
    assert identity["sbacTenancyChain"] == [school("PII_GROUP")]
    assert (identity["sbacUUID"], identity["mail"], identity["cn"]) == (str(user), "ana@example.org", "Ana Example")
    for number in range(40):
        where = OrganizationId(ident(f"school {number}"))
        await organization(connection, where, Level.SCHOOL, LEA, LEA, f"1964733{number:07}", f"School {number}")
        await give(connection, user, "educator-roster", where)
    tokens = await _tokens(browser, "openid sbac assessment")
    identity = claims_of(tokens["id_token"])
    assert len(tokens["id_token"]) <= 4096
    assert "sbacTenancyChain" not in identity
    assert identity["sbacUUID"] == str(user)
    assert len((await userinfo(app, tokens["access_token"]))["sbacTenancyChain"]) == 41


async def test_discovery_names_scope_and_attributes(app: Starlette) -> None:
    document = (await http_of(app).get("/.well-known/openid-configuration")).json()
    assert {"sbac", "sbac.permissions"} <= set(document["scopes_supported"])
    assert {"sbacUUID", "sbacTenancyChain", "mail", "givenName", "sn", "cn", "telephoneNumber"} <= set(
        document["claims_supported"]
    )


async def _tokens(browser: Browser, scope: str) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code", "code": await browser.code(scope=scope),
        "redirect_uri": browser.client.redirect_uris[0], "code_verifier": "v" * 64,
    }  # fmt: skip
    return await posted(browser.http, browser.client, form)
