"""signSecurityForm: for oneself only, by the typed name, of the version that was read; it opens the gate."""

import hashlib
from typing import Any

import pytest

from store.access_version import raise_versions
from store.database import Connection
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import PARK, Caller, give, person, user_id
from tests.oidc.world import ELPAC, YEAR

SIGN = """mutation ($input: SignSecurityFormInput!) { signSecurityForm(input: $input) {
    form { program schoolYear code label version signedAt } userErrors { path code rule message remedy } } }"""
OWN = "{ viewer { user { securityForms { program code version text signedAt } } grants { permission } } }"


async def sign(asking: Caller, **changes: Any) -> dict[str, Any]:
    asked = {
        "program": "caaspp", "schoolYear": YEAR, "form": "security-affidavit", "version": "2025-26",
        "signature": "Unsigned Example",
    }  # fmt: skip
    return (await asking.data(SIGN, input=asked | changes))["signSecurityForm"]


@pytest.mark.rule("S0-18", "access")
async def test_signing_opens_the_role(as_person: AsCaller, connection: Connection) -> None:
    asking = await as_person("unsigned")
    viewer = (await asking.data(OWN))["viewer"]
    assert viewer["grants"] == []
    (form,) = viewer["user"]["securityForms"]
    assert (form["code"], form["version"], form["signedAt"]) == ("security-affidavit", "2025-26", None)
    assert "secure CAASPP test materials" in form["text"]
    made = await sign(asking, signature=" example,  unsigned ")
    assert made["userErrors"] == []
    assert made["form"]["signedAt"].startswith("2026-11-22T12")
    viewer = (await asking.data(OWN))["viewer"]
    assert viewer["grants"]
    row = await connection.fetchrow("select * from signed_forms where user_id = $1", user_id("unsigned"))
    assert row is not None
    assert (row["form_version"], row["signed_name"]) == ("2025-26", "example,  unsigned")
    assert row["text_digest"] is not None
    assert len(row["text_digest"]) == hashlib.sha256().digest_size
    (event,) = await events(connection)
    assert (event["action"], event["actor_id"]) == ("signSecurityForm", user_id("unsigned"))
    assert "xample" not in str(event["after"]), "the audit holds codes, no names"


@pytest.mark.rule("access")
async def test_what_was_signed_stands(as_person: AsCaller, connection: Connection) -> None:
    asking = await as_person("unsigned")
    first = await sign(asking)
    version = await connection.fetchval("select version from access_state")
    assert await sign(asking, signature="Unsigned Q Example") == first
    assert await connection.fetchval("select version from access_state") == version
    assert await connection.fetchval(
        "select signed_name from signed_forms where user_id = $1", user_id("unsigned")
    ) == ("Unsigned Example")


@pytest.mark.rule("access")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"signature": "Somebody Else"}, ("NAME_DIFFERS", None, "input.signature")),
        ({"signature": ""}, ("NAME_DIFFERS", None, "input.signature")),
        ({"signature": "Unsigned " + "x " * 300 + "Example"}, ("NAME_DIFFERS", None, "input.signature")),
        ({"version": "2024-25"}, ("OTHER_VERSION", None, "input.version")),
        ({"form": "security-agreement"}, ("NOT_ASKED", None, "input.form")),
        ({"form": "no-form"}, ("NOT_ASKED", None, "input.form")),
        ({"program": "elpac"}, ("NOT_ASKED", None, "input.form")),
        ({"schoolYear": "2027-28"}, ("NOT_ASKED", None, "input.form")),
        ({"schoolYear": "2025-26"}, ("NOT_ASKED", None, "input.form")),
    ],
)
async def test_what_is_refused_signs_nothing(
    as_person: AsCaller, connection: Connection, changes: dict[str, Any], expected: tuple[str, str | None, str]
) -> None:
    asking = await as_person("unsigned")
    made = await sign(asking, **changes)
    assert (made["form"], errors(made)) == (None, [expected])
    assert not await connection.fetchval(
        "select exists (select from signed_forms where user_id = $1)", user_id("unsigned")
    )
    (denied,) = await events(connection, "denied")
    assert denied["reason"] == expected[0]


async def test_nobody_signs_through_a_token_or_signed_out(as_token_bearer: AsCaller, signed_out: Caller) -> None:
    asked = {"program": "caaspp", "schoolYear": YEAR, "form": "f", "version": "v", "signature": "s"}
    for asking, code in ((await as_token_bearer("teacher"), "FORBIDDEN"), (signed_out, "UNAUTHENTICATED")):
        answer = await asking.ask(SIGN, input=asked)
        assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.rule("S0-14", "S0-17")
async def test_a_coordinator_needs_both_forms_of_each_program(as_person: AsCaller, connection: Connection) -> None:
    """Decisions, section 6: now both forms per program; an account with one of them signed gives nothing."""
    await person(connection, "newcomer", forms=False)
    await give(connection, "newcomer", "site-coordinator", PARK)
    asking = await as_person("newcomer")
    await sign(asking, signature="Newcomer Example")
    assert (await asking.data(OWN))["viewer"]["grants"] == []
    await sign(asking, signature="Newcomer Example", form="security-agreement")
    assert (await asking.data(OWN))["viewer"]["grants"]
    await give(connection, "newcomer", "site-coordinator", PARK, ELPAC)
    forms = (await asking.data(OWN))["viewer"]["user"]["securityForms"]
    assert [one["signedAt"] is None for one in forms if one["program"] == "elpac"] == [True, True]


@pytest.mark.rule("access")
async def test_a_new_version_leaves_signatures_standing(as_person: AsCaller, connection: Connection) -> None:
    """A form that is to be signed anew within the year gets another slug in its pack."""
    asking = await as_person("unsigned")
    await sign(asking)
    async with connection.transaction():
        await connection.execute(
            "update signed_forms set form_version = 'older' where user_id = $1", user_id("unsigned")
        )
        await raise_versions(connection, [user_id("unsigned")])
    viewer = (await asking.data(OWN))["viewer"]
    assert viewer["grants"]
    assert viewer["user"]["securityForms"][0]["version"] == "older"
