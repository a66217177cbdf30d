"""Each mail is received by a real SMTP server, and the links in them work once, through the pages they lead to."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import httpx2
import pytest

from gateway.app import create_app
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.email_changes import EmailChange, begin_email_change
from store.mail_templates import TEMPLATES
from store.outbox import MailOrder, queue_mail
from store.users import NewUser, create_user
from tests.mail.conftest import Working
from tests.mail.post_office import PostOffice
from tests.mail.test_templates import ANN, BEN, CHANGE, populate, values_of
from tests.mail.waiting import at_once, nothing_in_hand, until
from tests.oidc.world import ISSUER, NOW, PASSWORD, Clock, http_of

NEW_PASSWORD = "seven copper bridges at dusk"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads her mail and opens the links in it."""

    http: httpx2.AsyncClient

    async def open(self, link: str) -> httpx2.Response:
        return await self.http.get(link, headers={"Accept": "text/html"})

    async def send(self, page: httpx2.Response, path: str, **fields: str) -> httpx2.Response:
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, page.text
        return await self.http.post(path, data={"csrf": found[1], **fields}, headers={"Origin": ISSUER})


@pytest.fixture
async def reader(gateway: Gateway) -> AsyncIterator[Reader]:
    async with http_of(create_app(gateway.settings, gateway)) as http:
        yield Reader(http)


async def queued(connection: Connection, template: str, user: UserId | None = ANN, **values: UUID) -> UUID:
    id_ = uuid4()
    await queue_mail(connection, id_, MailOrder(template, user, values, by=BEN))
    return id_


def link_in(mail: EmailMessage) -> str:
    """The same in both parts."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    (link,) = set(re.findall(r"http://localhost:8000/\S+\?token=\S+", text.get_content()))
    assert f'href="{link}"' in html.get_content()
    return link


def token_of(link: str) -> str:
    return httpx2.URL(link).params["token"]


async def test_each_template_is_received(connection: Connection, post_office: PostOffice, at_work: Working) -> None:
    await populate(connection, "Zo\u00eb \u5f20")
    for name, template in TEMPLATES.items():
        user = None if "registration" in template.needs else ANN
        await queue_mail(connection, uuid4(), MailOrder(name, user, values_of(template), by=BEN))
    async with at_work():
        received = await post_office.wait(len(TEMPLATES))
    for _, mail in received:
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert text is not None
        assert html is not None
        assert "Zo\u00eb \u5f20" in text.get_content()
        assert "Zo\u00eb \u5f20" in html.get_content()
    subjects = {str(mail["Subject"]) for _, mail in received}
    assert len(subjects) == len(TEMPLATES)


@pytest.mark.rule("accounts-6")
async def test_an_invitation_works_once(
    connection: Connection, post_office: PostOffice, at_work: Working, reader: Reader
) -> None:
    await populate(connection, "Vernon")
    await queued(connection, "invitation")
    async with at_work():
        ((address, mail),) = await post_office.wait(1)
    assert address == "ann@example.org"
    link = link_in(mail)
    page = await reader.open(link)
    assert page.status_code == 200
    fields = {"token": token_of(link), "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert (await reader.send(page, "/signin/invitation", **fields)).status_code == 303
    assert (await reader.open(link)).status_code == 410
    assert await connection.fetchval("select status from users where id = $1", ANN) == "active"
    assert token_of(link) not in str(await connection.fetch("select * from account_links")), "kept as a hash"
    assert token_of(link) not in str(await connection.fetch("select * from messages"))


@pytest.mark.rule("S0-52", "accounts-6")
async def test_a_reset_lives_fifteen_minutes_from_when_it_was_sent_and_works_once(
    connection: Connection, post_office: PostOffice, at_work: Working, reader: Reader, clock: Clock
) -> None:
    await populate(connection, "Vernon")
    await connection.execute("update users set status = 'active', password_hash = 'x'")
    await queued(connection, "password-reset")
    clock.forward(hours=3)
    async with at_work():
        ((_, mail),) = await post_office.wait(1)
    link = link_in(mail)
    clock.forward(minutes=14, seconds=59)
    page = await reader.open(link)
    assert page.status_code == 200
    clock.forward(seconds=2)
    assert (await reader.open(link)).status_code == 410
    clock.forward(seconds=-2)
    fields = {"token": token_of(link), "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert (await reader.send(page, "/signin/reset/choose", **fields)).status_code < 400
    assert (await reader.open(link)).status_code == 410


async def test_a_mail_that_is_sent_again_voids_the_link_before(
    connection: Connection, post_office: PostOffice, at_work: Working, reader: Reader
) -> None:
    await populate(connection, "Vernon")
    id_ = await queued(connection, "invitation")
    kept: list[EmailMessage] = []

    async def lose() -> None:
        kept.append(post_office.received.pop()[1])
        post_office.after_accepting = None
        raise ConnectionResetError

    post_office.after_accepting = lose
    async with at_work():
        await until(connection, id_, "failed")
        await nothing_in_hand(connection)
        await at_once(connection)
        await until(connection, id_, "sent")
    first, second = link_in(kept[0]), link_in(post_office.received[0][1])
    assert first != second
    assert (await reader.open(first)).status_code == 410
    assert (await reader.open(second)).status_code == 200


@pytest.mark.rule("accounts-3")
async def test_both_addresses_confirm_a_change_each_once(
    connection: Connection, post_office: PostOffice, at_work: Working, reader: Reader
) -> None:
    await populate(connection, "Vernon")
    await connection.execute("update users set status = 'active'")
    own = uuid4()
    new = EmailChange(own, ANN, "new@example.org", False, ANN, NOW, NOW + timedelta(days=1))
    await begin_email_change(connection, new)
    for which in ("old", "new"):
        await queued(connection, f"email-change-confirm-{which}", change=own)
    async with at_work():
        received = await post_office.wait(2)
    assert {address for address, _ in received} == {"ann@example.org", "new@example.org"}
    for _, mail in received:
        link = link_in(mail)
        page = await reader.open(link)
        assert page.status_code == 200
        assert (await reader.send(page, "/account/email", token=token_of(link))).status_code < 400
        assert (await reader.open(link)).status_code == 410
    assert await connection.fetchval("select email from users where id = $1", ANN) == "new@example.org"


@pytest.mark.rule("accounts-3")
async def test_the_old_address_can_stop_a_change_that_another_asked_for(
    connection: Connection, post_office: PostOffice, at_work: Working, reader: Reader
) -> None:
    await populate(connection, "Vernon")
    await connection.execute("update users set status = 'active'")
    await queued(connection, "email-changed-notice", change=CHANGE)
    async with at_work():
        ((address, mail),) = await post_office.wait(1)
    assert address == "ann@example.org"
    link = link_in(mail)
    page = await reader.open(link)
    assert (await reader.send(page, "/account/email", token=token_of(link))).status_code < 400
    assert await connection.fetchval("select canceled_at is not null from email_changes where id = $1", CHANGE)
    assert (await reader.open(link)).status_code == 410


@pytest.mark.checklist("37 links and mails")
async def test_links_are_built_from_the_issuer_alone(
    connection: Connection, post_office: PostOffice, at_work: Working, reader: Reader
) -> None:
    """Host header injection: the link of a reset that was asked for under another host leads to the issuer."""
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    await connection.execute("update users set status = 'active', password_hash = 'x' where id = $1", ANN)
    page = await reader.open("/signin/reset")
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    answer = await reader.http.post(
        "/signin/reset",
        data={"csrf": found[1], "email": "ann@example.org"},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Origin": ISSUER},
    )
    assert answer.status_code == 200, PASSWORD
    async with at_work():
        ((_, mail),) = await post_office.wait(1)
    assert link_in(mail).startswith(f"{ISSUER}/signin/reset/choose?token=")
    assert "evil" not in mail.as_string()
