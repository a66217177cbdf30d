"""Demo mode without a mail server: mails are kept for a page on this machine, and nowhere else."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from gateway.app import create_app
from gateway.state import Gateway
from policy.ids import UserId
from store.audit import AuditEvent, record
from store.database import Connection
from store.demo import DEMO_TARGET
from store.demo_mails import MOST, DemoMail, insert_demo_mail, newest_demo_mails
from store.outbox import MailOrder, queue_mail
from store.users import NewUser, create_user
from tests.mail.conftest import Working
from tests.mail.waiting import until
from tests.oidc.world import NOW, http_of

ANN = UserId(uuid4())


@pytest.fixture
def demo(gateway: Gateway) -> Gateway:
    return replace(gateway, settings=replace(gateway.settings, smtp_host=None, demo=True))


async def invented(connection: Connection) -> None:
    """The database says that its people are."""
    await record(connection, AuditEvent("loadDemo", "state", DEMO_TARGET, after={"users": 200}))


async def invite(connection: Connection) -> UUID:
    await create_user(connection, NewUser(ANN, "ann@example.org", "<b>Ann</b>", "Bell"))
    id_ = uuid4()
    await queue_mail(connection, id_, MailOrder("invitation", ANN))
    return id_


async def page(gateway: Gateway, path: str = "/demo/mail") -> httpx2.Response:
    async with http_of(create_app(gateway.settings, gateway)) as http:
        return await http.get(httpx2.URL(gateway.settings.issuer).join(path), headers={"Accept": "text/html"})


async def test_what_would_have_been_sent_is_on_the_page_and_its_link_works(
    demo: Gateway, connection: Connection, at_work: Working
) -> None:
    await invented(connection)
    async with at_work(demo):
        await until(connection, await invite(connection), "sent")
    listed = await page(demo)
    assert listed.status_code == 200
    path = re.findall(r"/demo/mail/[0-9a-f-]{36}", listed.text)[0]
    shown = await page(demo, path)
    assert "&lt;b&gt;Ann" in shown.text
    assert "<b>Ann" not in shown.text
    (link,) = re.findall(r'href="(http://localhost:8000/signin/invitation\?token=[^"]+)"', shown.text)
    assert (await page(demo, link)).status_code == 200
    framed = await page(demo, f"{path}/html")
    assert framed.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "&lt;b&gt;Ann" in framed.text
    assert "<b>Ann" not in framed.text
    start = await page(demo, "/")
    assert 'href="/demo/mail"' in start.text


@pytest.mark.parametrize(
    "change",
    [
        {"demo": False},
        {"issuer": "https://hallpass.state.example"},
        {"smtp_host": "localhost"},
    ],
)
async def test_elsewhere_there_is_no_such_page(demo: Gateway, connection: Connection, change: dict[str, Any]) -> None:
    await invented(connection)
    other = replace(demo, settings=replace(demo.settings, **change))
    for path in ("/demo/mail", f"/demo/mail/{uuid4()}", f"/demo/mail/{uuid4()}/html"):
        assert (await page(other, path)).status_code == 404
    assert "/demo/mail" not in (await page(other, "/")).text


async def test_links_of_real_people_are_shown_to_nobody(
    demo: Gateway, connection: Connection, at_work: Working
) -> None:
    id_ = await invite(connection)
    async with at_work(demo):
        assert (await until(connection, id_, "failed"))[3] == "unable"
    assert await connection.fetchval("select count(*) from demo_mails") == 0
    assert (await page(demo)).status_code == 404


async def test_the_box_keeps_the_newest(connection: Connection) -> None:
    for number in range(MOST + 5):
        at = NOW + timedelta(seconds=number)
        await insert_demo_mail(connection, DemoMail(uuid4(), at, "ann@example.org", str(number), "", ""))
    kept = await newest_demo_mails(connection)
    assert (len(kept), kept[0].subject, kept[-1].subject) == (MOST, str(MOST + 4), "5")
