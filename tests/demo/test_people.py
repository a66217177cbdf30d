"""The demo's named people: somebody for every role, who signs in and gets in where docs/relying-parties.md says."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette

from gateway.access_cache import today_of
from gateway.demo.mix import NamedPerson, mix
from gateway.demo.people import account_of
from gateway.demo.sign_ins import sign_ins
from gateway.oidc.authorization.entitlement import UNION, Entitlement, entitlement
from gateway.state import Gateway
from policy.facts import Years
from policy.grant import Access
from policy.grants import access_of
from policy.ids import System, UserId
from policy.second_step import in_session
from store.people import load_person
from store.relying_parties import RelyingParty
from tests.console.conftest import SignIn, app, sign_in

__all__ = ["app", "sign_in"]

PAGE = (Path(__file__).parent.parent.parent / "docs" / "relying-parties.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z.]+)@example\.org` \| ([^|]*) \| (no|reach `[a-z]+`)[^|]* \| ([^|]*) \|$", re.MULTILINE)
ROWS = {name: (roles, cers, gets_in) for name, roles, cers, gets_in in ROW.findall(PAGE)}
PEOPLE = {person.email.partition("@")[0]: person for person in mix().people}


def _gateway(app: Starlette) -> Gateway:
    return app.state.gateway


async def _access(gateway: Gateway, person: NamedPerson) -> Access:
    """All that she holds: in a session of a deployment like the demo, where a second step is optional."""
    async with gateway.pool.acquire() as connection:
        loaded = await load_person(connection, UserId(account_of(person, None).id))
        in_force = await gateway.packs.in_force(connection, await connection.fetchval("select epoch from access_state"))
    assert loaded is not None
    years: Years = in_force.years
    today = today_of(gateway.settings, gateway.now())
    return access_of(in_session(loaded.person, missing=False), in_force.packs, years, today)


def _systems(gateway: Gateway) -> list[System]:
    return sorted({code for pack in gateway.packs.current.all() for code in pack.systems})


def _told(system: System, access: Access) -> Entitlement | None:
    """What a relying party for that system alone would be told of all her roles; None: it would get no code."""
    client = RelyingParty("one", "One", (system,), "client_secret_basic", role_mode=UNION)
    client = replace(client, resources={system: f"https://{system}.example/"})
    return entitlement(access, client, None, issuer="http://localhost:8000", version=1)


def _into_cers(access: Access) -> set[str]:
    """What the page may say: under a role of hers that gets in first, or that she doesn't."""
    told = _told(System("cers"), access)
    return {f"reach `{one['reach']}`" for one in told.details} if told else {"no"}


async def test_each_role_of_each_pack_is_held_by_somebody_who_gets_in(app: Starlette) -> None:
    gateway = _gateway(app)
    packs, current = gateway.packs.current, mix().current
    every = {
        (pack.program, role)
        for program in {pack.program for pack in packs.all()}
        if (pack := packs.at(program, current)) is not None
        for role in pack.roles
    }
    assert {program for program, _ in every} == {"caaspp", "elpac", "isat", "state"}
    effective = {
        (one.program, one.role)
        for person in PEOPLE.values()
        for one in (await _access(gateway, person)).effective
        if one.school_year in (None, "", current)
    }
    assert effective == every


@pytest.mark.parametrize("name", sorted(PEOPLE))
async def test_each_signs_in_and_gets_in_where_the_page_says(name: str, app: Starlette, sign_in: SignIn) -> None:
    browser = await sign_in(name)
    assert (await browser.get("/")).status_code == 200
    gateway, person = _gateway(app), PEOPLE[name]
    access = await _access(gateway, person)
    open_to_her = [system for system in _systems(gateway) if _told(system, access) is not None]
    roles, cers, gets_in = ROWS[name]
    assert roles == _roles(person)
    assert cers in _into_cers(access)
    assert len(_into_cers(access)) == 1 or len(person.held + person.other) > 1
    if person.unsigned:
        assert (open_to_her, gets_in) == ([], "nowhere: the form `security-affidavit` isn't signed")
    else:
        assert open_to_her
        assert gets_in == ", ".join(f"`{system}`" for system in open_to_her)


def _roles(person: NamedPerson) -> str:
    """`program/role`, each once, with the post's."""
    held = person.held + person.other
    for post in (*mix().lea_posts, *mix().school_posts):
        if post.name == person.post:
            held = post.held
    return ", ".join(dict.fromkeys(f"`{one.text}`" for one in held))


def test_the_page_names_all_of_them_and_nobody_else() -> None:
    assert ROWS.keys() == PEOPLE.keys()


def test_few_are_printed_when_the_demo_starts(app: Starlette) -> None:
    known = [person for person, _ in sign_ins(_gateway(app).packs.current) if person.at_start]
    assert 5 <= len(known) <= 10
