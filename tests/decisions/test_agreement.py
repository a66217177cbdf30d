"""One question, one answer: AuthZEN, GraphQL's decide, the row filter and the token's claims, 2,000 questions a run."""

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from gateway.state import Gateway
from policy.claims import Entry, entries
from policy.facts import Level
from policy.grant import Access
from policy.grants import access_of
from policy.ids import Permission, system_of
from policy.packs import Packs
from policy.reach import visible
from store.database import Connection, Pool
from store.pages import PageRequest
from store.people import load_people, load_years
from store.reached_ids import organizations_reached
from tests.decisions.conftest import Api
from tests.graphql.world import BEACH, HILL, LEA, PARK, ROLES, user_id
from tests.oidc.world import OTHER_LEA, STATE

QUESTIONS = 2_000
PEOPLE = sorted({name for name, *_ in ROLES} | {"unsigned"})
PLACES = {
    STATE: (Level.STATE, None), LEA: (Level.LEA, LEA), OTHER_LEA: (Level.LEA, OTHER_LEA),
    PARK: (Level.SCHOOL, LEA), HILL: (Level.SCHOOL, LEA), BEACH: (Level.SCHOOL, OTHER_LEA),
}  # fmt: skip
KINDS = (None, None, "summative", "interim", "alternate", "initial")
DECIDE = "query ($checks: [Check!]!) { decideMany(checks: $checks) { allowed reason accessVersion } }"
EVERY_SYSTEM = "{thss,hallpass,cers,toms,tds,stairs,dei,iavs,completion-status,tools-for-teachers}"


@dataclass(frozen=True, slots=True)
class Asked:
    who: str
    permission: Permission
    where: Any
    kind: str | None

    @property
    def authzen(self) -> dict[str, Any]:
        properties = {"assessment": self.kind} if self.kind else {}
        return {
            "subject": {"type": "user", "id": str(user_id(self.who))},
            "action": {"name": self.permission, "properties": properties},
            "resource": {"type": "organization", "id": str(self.where)},
        }

    @property
    def graphql(self) -> dict[str, Any]:
        kind = {"assessment": self.kind} if self.kind else {}
        where = {"organization": {"id": str(self.where)}}
        return {"subject": str(user_id(self.who)), "permission": self.permission, **where, **kind}


@pytest.mark.rule("asking")
async def test_2000_generated_questions_are_answered_alike_on_every_surface(
    hallpass: Api, gateway: Gateway, pool: Pool, connection: Connection
) -> None:
    await connection.execute("update relying_parties set systems = $1::text::text[]", EVERY_SYSTEM)
    packs = gateway.packs.current
    chosen = random.Random()
    permissions = sorted(packs.vocabulary)
    asked = [
        Asked(chosen.choice(PEOPLE), chosen.choice(permissions), chosen.choice([*PLACES]), chosen.choice(KINDS))
        for _ in range(QUESTIONS)
    ]
    accesses = await _accesses(connection, packs)
    differences: list[str] = []
    for start in range(0, QUESTIONS, 100):
        part = asked[start : start + 100]
        one = (await hallpass.answer("evaluations", {"evaluations": [a.authzen for a in part]}))["evaluations"]
        two = (await hallpass.caller.data(DECIDE, checks=[a.graphql for a in part]))["decideMany"]
        for question, by_authzen, by_graphql in zip(part, one, two, strict=True):
            context = by_authzen["context"]
            told = (by_authzen["decision"], context["reason"].replace("-", "_").upper(), context.get("access_version"))
            if told != (by_graphql["allowed"], by_graphql["reason"], by_graphql["accessVersion"]):
                differences.append(f"{question}: {told} and {by_graphql}")
            rows = await _by_rows(connection, accesses[question.who], question)
            claims = _by_claims(packs, accesses[question.who], question)
            if not by_authzen["decision"] == rows == claims:
                differences.append(f"{question}: decided {by_authzen['decision']}, rows {rows}, claims {claims}")
    assert not differences


async def _accesses(connection: Connection, packs: Packs) -> dict[str, Access]:
    people = await load_people(connection, [user_id(name) for name in PEOPLE])
    years = await load_years(connection)
    return {name: access_of(people[user_id(name)].person, packs, years, date(2026, 11, 22)) for name in PEOPLE}


async def _by_rows(connection: Connection, access: Access, asked: Asked) -> bool:
    current = [grant for grant in access.grants if grant.current]
    reach = visible(current, asked.permission, asked.kind)
    return asked.where in (await organizations_reached(connection, PageRequest(100), reach)).rows


def _by_claims(packs: Packs, access: Access, asked: Asked) -> bool:
    """What a resource server reads out of a token that knows the tree and the program's kinds."""
    told = entries(access, {system_of(asked.permission): "https://it.example/"})
    return any(_reads(packs, entry, asked) for entry in told)


def _reads(packs: Packs, entry: Entry, asked: Asked) -> bool:
    if asked.permission.partition(":")[2] not in entry.actions or entry.reports or entry.roles:
        return False
    if not _reaches(entry, asked):
        return False
    if not packs.vocabulary[asked.permission].by_assessment:
        return True
    pack = packs.at(entry.program, entry.school_year)  # type: ignore[arg-type]
    every = packs.kinds(pack, asked.permission) if pack else frozenset[str]()
    return ({asked.kind} if asked.kind else every) <= set(entry.assessments)


CODES = {
    STATE: "state:CA", LEA: "lea:19647330000000", OTHER_LEA: "lea:01611190000000", PARK: "school:19647331930000",
    HILL: "school:19647331930001", BEACH: "school:01611196000000",
}  # fmt: skip


def _reaches(entry: Entry, asked: Asked) -> bool:
    level, lea = PLACES[asked.where]
    above = None if lea is None else CODES[lea]
    match entry.reach:
        case "state":
            return True
        case "lea":
            return above in entry.organizations
        case "schools":
            return level is Level.SCHOOL and above in entry.organizations
        case "site":
            return CODES[asked.where] in entry.organizations
        case _:
            return False
