"""`hallpass doctor` on mail: a sentence for each way in which a mail server can't be used, and for dead letters."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateway.mail.check import mail_problem, no_dead_letters
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.outbox import MailOrder, queue_mail
from store.users import NewUser, create_user
from tests.mail.post_office import PASSWORD, USER, PostOffice, certificate
from tests.oidc.world import NOW


async def test_a_server_that_answers_is_well(gateway: Gateway, post_office: PostOffice, tmp_path: Path) -> None:
    assert await mail_problem(gateway.settings) is None
    assert post_office.received == []
    context, ca = certificate(tmp_path)
    secured = PostOffice()
    signing_in = {"smtp_security": "starttls", "smtp_user": USER, "smtp_ca": ca}
    async with secured.open(context, starttls=True):
        settings = replace(gateway.settings, smtp_port=secured.port, smtp_password=PASSWORD, **signing_in)
        assert await mail_problem(settings) is None
        refused = str(await mail_problem(replace(settings, smtp_password="wrong")))
        assert "refuses the sign-in (535)" in refused
        assert "wrong" not in refused
        assert "certificate" in str(await mail_problem(replace(settings, smtp_ca=None)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"smtp_port": 1}, "localhost:1 doesn't answer: correct HALLPASS_SMTP_HOST"),
        ({"smtp_host": "mail.invalid"}, "doesn't answer"),
        ({"smtp_security": "starttls"}, "can't be spoken to with STARTTLS"),
        ({"smtp_security": "tls"}, "can't be spoken to with TLS"),
        ({"smtp_host": None, "issuer": "https://hallpass.state.example"}, "wait in the outbox"),
    ],
)
async def test_what_is_wrong_is_said(gateway: Gateway, change: dict[str, Any], says: str) -> None:
    assert says in str(await mail_problem(replace(gateway.settings, **change)))


async def test_without_mail_server_demo_and_local_use_are_well(gateway: Gateway) -> None:
    assert await mail_problem(replace(gateway.settings, smtp_host=None)) is None
    demo = replace(gateway.settings, smtp_host=None, demo=True, issuer="https://demo.state.example")
    assert await mail_problem(demo) is None


async def test_dead_letters_are_told(connection: Connection) -> None:
    user = UserId(uuid4())
    await create_user(connection, NewUser(user, "ann@example.org", "Ann", "Bell"))
    await queue_mail(connection, uuid4(), MailOrder("invitation", user))
    assert await no_dead_letters(connection, NOW) is None
    await connection.execute("update messages set state = 'dead'")
    assert "Given up: 1 of the mails" in str(await no_dead_letters(connection, NOW))
