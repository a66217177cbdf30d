"""What tests of district providers share: registering the fake one, and a browser's way there and back."""

import uuid
from uuid import UUID

import httpx2

from gateway.federation.discovery import judged
from gateway.federation.ways import sealed_client_secret
from gateway.state import Gateway
from policy.federation import ProviderKind
from policy.ids import OrganizationId, UserId
from store.database import Connection
from store.identity_links import NewLink, insert_identity_link
from store.identity_providers import (
    NewProvider,
    ProviderId,
    confirm_provider,
    insert_provider,
    list_provider_domain,
)
from tests.federation.provider import CLIENT_ID, CLIENT_SECRET, FakeProvider
from tests.oidc.world import ISSUER, LEA, NOW, Browser, csrf, person

PROPOSER, CONFIRMER = "proposer", "confirmer"


async def registered(
    gateway: Gateway,
    provider: FakeProvider,
    *,
    where: OrganizationId = LEA,
    kind: ProviderKind = ProviderKind.GENERIC,
    tenant: str = "",
    domains: tuple[str, ...] = ("valley.example",),
    confirmed: bool = True,
) -> ProviderId:
    """The provider as an LEA has it, proposed by one and confirmed by another."""
    new = ProviderId(uuid.uuid4())
    metadata = judged(provider.discovery(), provider.issuer, ISSUER).kept()
    async with gateway.pool.acquire() as connection, connection.transaction():
        proposer, confirmer = await _somebody(connection, PROPOSER), await _somebody(connection, CONFIRMER)
        sealed = sealed_client_secret(gateway.secret_key, new, CLIENT_SECRET)
        record = NewProvider(new, where, kind, provider.issuer, tenant, CLIENT_ID, sealed, metadata, NOW, proposer)
        await insert_provider(connection, record)
        for domain in domains:
            await list_provider_domain(connection, uuid.uuid4(), new, domain, proposer, NOW)
        if confirmed:
            await confirm_provider(connection, new, confirmer, NOW)
    return new


async def linked(gateway: Gateway, provider: ProviderId, fake: FakeProvider, user: UserId) -> UUID:
    """The fake's subject is this person."""
    new = NewLink(uuid.uuid4(), provider, fake.issuer, fake.subject, user, NOW)
    async with gateway.pool.acquire() as connection:
        assert await insert_identity_link(connection, new)
    return new.id


async def go(browser: Browser, provider: UUID, onward: str = "/account") -> str:
    """The authorization request with which the browser is sent to the provider."""
    answer = await browser.http.get(f"/signin/district/{provider}", params={"next": onward})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def come_back(browser: Browser, provider: UUID, answer: dict[str, str]) -> httpx2.Response:
    return await browser.http.get(f"/signin/callback/{provider}", params=answer)


async def sign_in(browser: Browser, provider: UUID, fake: FakeProvider, onward: str = "/account") -> httpx2.Response:
    """There and back again."""
    return await come_back(browser, provider, fake.authorize(await go(browser, provider, onward)))


async def post(browser: Browser, page: str, address: str, **form: str) -> httpx2.Response:
    """A form of a page, sent."""
    token = csrf(await browser.http.get(page))
    return await browser.http.post(address, data={"csrf": token, **form})


async def sessions(connection: Connection, user: UserId) -> list[dict[str, object]]:
    """Those that run."""
    rows = await connection.fetch(
        "select id, lea_id, provider_id, amr, acr from sessions where user_id = $1 and ended_at is null", user
    )
    return [dict(row.items()) for row in rows]


async def _somebody(connection: Connection, name: str) -> UserId:
    found = await connection.fetchval("select id from users where email_key = $1", f"{name}@example.org")
    return UserId(found) if found else await person(connection, name, forms=False)
