"""A small state for tests of the provider: organizations, people, systems and relying parties, and a clock to turn."""

import base64
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
from starlette.applications import Starlette

from gateway.oidc.client.authentication import secret_hash
from policy.facts import Level
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, System, UserId
from store.access_version import raise_versions
from store.assignments import NewAssignment, delete_assignments, insert_assignment
from store.database import Connection
from store.keys_of import text_key
from store.relying_parties import RelyingParty, insert_relying_party
from store.systems import RegisteredSystem, put_system
from store.users import NewUser, create_user
from tests.openapi.judge import documented
from tests.quick_hashes import QUICK

ISSUER = "http://localhost:8000"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "orchard lantern seven rivers"
HASH = QUICK.hash(PASSWORD)
YEAR = SchoolYear("2026-27")
CAASPP, ELPAC = ProgramCode("caaspp"), ProgramCode("elpac")
CERS, THSS, TOMS = System("cers"), System("thss"), System("toms")
CERS_URI, THSS_URI = "https://cers.example/", "https://thss.example/"
CALLBACK = "https://reports.example/callback"
SECRET = "reporting-secret"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
EVERY_SCOPE = frozenset({"openid", "profile", "email", "assessment", "offline_access", "directory.read"})
EVERY_GRANT = frozenset({"authorization_code", "refresh_token", "client_credentials"})


def ident(name: str) -> UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, name)


STATE = OrganizationId(ident("state"))
LEA = OrganizationId(ident("lea"))
OTHER_LEA = OrganizationId(ident("other lea"))
PARK = OrganizationId(ident("park"))
HILL = OrganizationId(ident("hill"))


@dataclass(slots=True)
class Clock:
    """The gateway's clock in tests."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


REPORTING = RelyingParty(
    client_id="reporting",
    label="CERS",
    systems=(CERS,),
    auth_method="client_secret_basic",
    secret_hashes=(secret_hash(SECRET),),
    redirect_uris=(CALLBACK, "http://127.0.0.1/callback"),
    grant_types=EVERY_GRANT,
    scopes=EVERY_SCOPE,
    first_party=True,
)
SCORING = RelyingParty(
    client_id="scoring",
    label="THSS",
    systems=(THSS,),
    auth_method="client_secret_post",
    secret_hashes=(secret_hash("scoring-secret"),),
    redirect_uris=("https://scoring.example/callback",),
    grant_types=EVERY_GRANT,
    scopes=EVERY_SCOPE,
    role_mode="union",
    id_token_alg="ES256",
    first_party=True,
)
BROWSER = RelyingParty(
    client_id="browser",
    label="CERS in a browser",
    systems=(CERS,),
    auth_method="none",
    redirect_uris=("https://app.example/callback",),
    grant_types=frozenset({"authorization_code", "refresh_token", "client_credentials"}),
    scopes=EVERY_SCOPE,
    first_party=True,
)


async def build(connection: Connection) -> None:
    """Organizations, years, systems and relying parties; people come from `person`."""
    for where, level, parent, lea, code, name in (
        (STATE, "state", None, None, "CA", "California"),
        (LEA, "lea", STATE, LEA, "19647330000000", "Valley Unified"),
        (OTHER_LEA, "lea", STATE, OTHER_LEA, "01611190000000", "Bay Unified"),
        (PARK, "school", LEA, LEA, "19647331930000", "Park Elementary"),
        (HILL, "school", LEA, LEA, "19647331930001", "Hill Elementary"),
    ):
        await organization(connection, where, Level(level), parent, lea, code, name)
    await connection.executemany(
        "insert into school_years (program, school_year, status) values ($1, $2, 'current')",
        [(CAASPP, YEAR), (ELPAC, YEAR)],
    )
    for code, uri in ((CERS, CERS_URI), (THSS, THSS_URI)):
        await put_system(connection, RegisteredSystem(code, code.upper(), uri))
    for client in (REPORTING, SCORING, BROWSER):
        await insert_relying_party(connection, client)


async def organization(
    connection: Connection,
    where: OrganizationId,
    level: Level,
    parent: OrganizationId | None,
    lea: OrganizationId | None,
    code: str,
    name: str,
) -> None:
    await connection.execute(
        "insert into organizations (id, level, parent_id, lea_id, code, name, name_key) values ($1,$2,$3,$4,$5,$6,$7)",
        where, level.value, parent, lea, code, name, text_key(name),
    )  # fmt: skip


async def person(
    connection: Connection,
    name: str,
    *roles: tuple[str, OrganizationId],
    program: ProgramCode = CAASPP,
    status: str = "active",
    forms: bool = True,
) -> UserId:
    """Somebody with PASSWORD, current roles and signed forms; her address is `<name>@example.org`."""
    user = UserId(ident(name))
    await create_user(connection, NewUser(user, f"{name}@example.org", name.title(), "Example"))
    await connection.execute("update users set password_hash = $2, status = $3 where id = $1", user, HASH, status)
    for role, where in roles:
        await give(connection, user, role, where, program)
    if forms:
        await sign(connection, user, program)
    return user


async def give(
    connection: Connection, user: UserId, role: str, where: OrganizationId, program: ProgramCode = CAASPP
) -> AssignmentId:
    """Give a role as the operator, and raise the access version."""
    identifier = AssignmentId(uuid.uuid4())
    new = NewAssignment(identifier, user, program, RoleSlug(role), YEAR, where, assigned_at=NOW, origin="operator")
    async with connection.transaction():
        await insert_assignment(connection, new)
        await raise_versions(connection, (user,))
    return identifier


async def take_all(connection: Connection, user: UserId, role: str | None = None) -> None:
    """Take roles away: all, or those of one slug."""
    async with connection.transaction():
        rows = await connection.fetch(
            "select id from role_assignments where user_id = $1 and ($2::text is null or role = $2)", user, role
        )
        await delete_assignments(connection, [row["id"] for row in rows])
        await raise_versions(connection, (user,))


async def sign(connection: Connection, user: UserId, program: ProgramCode = CAASPP) -> None:
    async with connection.transaction():
        await connection.executemany(
            "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name) "
            "values ($1, $2, $3, $4, '1', 'me')",
            [(user, program, form, YEAR) for form in ("security-affidavit", "security-agreement")],
        )
        await raise_versions(connection, (user,))


@dataclass(slots=True)
class Browser:
    """Somebody's browser: cookies, sign-in, and the authorization request of a relying party."""

    http: httpx2.AsyncClient
    client: RelyingParty = REPORTING

    async def sign_in(self, name: str, password: str = PASSWORD, onward: str = "/account") -> httpx2.Response:
        page = await self.http.get("/signin", params={"next": onward})
        form = {"email": f"{name}@example.org", "password": password, "next": onward, "csrf": csrf(page)}
        return await self.http.post("/signin", data=form)

    def request(self, **changes: str | None) -> dict[str, str]:
        """A good authorization request, with parameters changed or (None) left out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uris[0],
            "scope": "openid assessment offline_access",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def authorize(self, **changes: str | None) -> httpx2.Response:
        return await self.http.get("/oauth2/authorize", params=self.request(**changes))

    async def code(self, **changes: str | None) -> str:
        answer = returned(await self.authorize(**changes))
        assert "code" in answer, answer
        return answer["code"]

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        answer = await self.redeem(await self.code(**changes))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def redeem(self, code: str, /, **changes: str | None) -> httpx2.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uris[0],
            "code_verifier": VERIFIER,
            **changes,
        }
        return await self.token(form)

    async def refresh(self, refresh_token: str, /, **changes: str | None) -> httpx2.Response:
        return await self.token({"grant_type": "refresh_token", "refresh_token": refresh_token, **changes})

    async def token(self, form: dict[str, str | None]) -> httpx2.Response:
        """The token endpoint, authenticated as the client is registered."""
        sent = {name: value for name, value in form.items() if value is not None}
        return await token_request(self.http, self.client, sent)


async def token_request(http: httpx2.AsyncClient, client: RelyingParty, form: dict[str, str]) -> httpx2.Response:
    """What the token endpoint answers the client, which is what the OpenAPI document says of it."""
    answer = await _token_request(http, client, form)
    assert documented(answer, "/oauth2/token")
    return answer


async def _token_request(http: httpx2.AsyncClient, client: RelyingParty, form: dict[str, str]) -> httpx2.Response:
    secret = {"reporting": SECRET, "scoring": "scoring-secret"}.get(client.client_id, "")
    if client.auth_method == "client_secret_basic":
        return await http.post("/oauth2/token", data=form, auth=(client.client_id, secret))
    if client.auth_method == "client_secret_post":
        form = {**form, "client_secret": secret}
    return await http.post("/oauth2/token", data={**form, "client_id": client.client_id})


def http_of(app: Starlette) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ISSUER)


def csrf(page: httpx2.Response) -> str:
    return page.text.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def returned(response: httpx2.Response, status: int = 303) -> dict[str, str]:
    """The parameters with which the answer goes back to the client."""
    assert response.status_code == status, (response.status_code, response.text)
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def claims_of(token: str) -> dict[str, Any]:
    return _part(token, 1)


def header_of(token: str) -> dict[str, Any]:
    return _part(token, 0)


def jwt(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A JWT as an attacker would put it together."""
    parts: Sequence[bytes] = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _part(token: str, index: int) -> dict[str, Any]:
    text = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
