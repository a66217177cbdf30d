"""STARTTLS and TLS never fall back to plain text, and a password is never sent in it."""

import ssl
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.mail.smtp import DeliveryError, deliver
from gateway.mail_settings import mail_problems
from gateway.settings import Settings, SettingsError, load_settings
from gateway.state import Gateway
from store.messages import Problem
from tests.mail.post_office import PASSWORD, USER, PostOffice, certificate


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    return certificate(tmp_path)


def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@state.example", "ann@example.org", "Test"
    mail.set_content("Hello")
    return mail


def settings(gateway: Gateway, office: PostOffice, ca: Path | None, **changed: Any) -> Settings:
    secured = {"smtp_security": "starttls", "smtp_user": USER, "smtp_password": PASSWORD}
    return replace(gateway.settings, smtp_port=office.port, smtp_ca=ca, **(secured | changed))


async def refused(chosen: Settings) -> DeliveryError:
    with pytest.raises(DeliveryError) as found:
        await deliver(chosen, letter(), "ann@example.org")
    return found.value


async def test_starttls_with_a_sign_in(gateway: Gateway, certified: tuple[ssl.SSLContext, Path]) -> None:
    context, ca = certified
    office = PostOffice()
    async with office.open(context, starttls=True):
        assert await deliver(settings(gateway, office, ca), letter(), "ann@example.org") == 250
    assert (len(office.received), office.tls, office.signed_in) == (1, [True], [USER])


async def test_tls_from_the_beginning(gateway: Gateway, certified: tuple[ssl.SSLContext, Path]) -> None:
    context, ca = certified
    office = PostOffice()
    async with office.open(context):
        chosen = settings(gateway, office, ca, smtp_security="tls", smtp_user=None, smtp_password=None)
        assert await deliver(chosen, letter(), "ann@example.org") == 250
    assert len(office.received) == 1


async def test_a_wrong_password_is_tried_again_later(gateway: Gateway, certified: tuple[ssl.SSLContext, Path]) -> None:
    context, ca = certified
    office = PostOffice()
    async with office.open(context, starttls=True):
        found = await refused(settings(gateway, office, ca, smtp_password="wrong"))
    assert (found.problem, found.lasting, found.code) == (Problem.UNABLE, False, 535)
    assert office.received == []


async def test_a_server_without_starttls_is_left_before_anything_is_said(
    gateway: Gateway, post_office: PostOffice, certified: tuple[ssl.SSLContext, Path]
) -> None:
    found = await refused(settings(gateway, post_office, certified[1]))
    assert (found.problem, found.lasting) == (Problem.UNABLE, False)
    assert (post_office.received, post_office.signed_in) == ([], [])


async def test_a_server_with_another_certificate_is_left(
    gateway: Gateway, certified: tuple[ssl.SSLContext, Path]
) -> None:
    office = PostOffice()
    async with office.open(certified[0], starttls=True):
        found = await refused(settings(gateway, office, None))
    assert not found.lasting
    assert (office.received, office.signed_in) == ([], [])


async def test_a_password_is_never_sent_in_plain_text(gateway: Gateway, post_office: PostOffice) -> None:
    chosen = settings(gateway, post_office, None, smtp_security="none")
    assert await deliver(chosen, letter(), "ann@example.org") == 250
    assert post_office.signed_in == []
    assert (
        "never sent in plain text"
        in mail_problems({"smtp_user": "a", "smtp_password": "b", "smtp_security": "none"})[0]
    )


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"SMTP_HOST": "mail.example.org"}, "HALLPASS_MAIL_FROM is required"),
        ({"SMTP_USER": "a"}, "belong together"),
        ({"SMTP_HOST": "smtp://mail.example.org"}, "host name alone"),
        ({"MAIL_FROM": "Hallpass"}, "write an address"),
        ({"MAIL_FROM": "A <a@b.example>\nBcc: x@y.example"}, "write an address"),
        ({"SMTP_SECURITY": "ssl"}, "starttls"),
        ({"MAILS_PER_SECOND": "0"}, "whole number"),
    ],
)
def test_settings_that_cannot_work_are_refused(written: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load_settings({f"HALLPASS_{name}": text for name, text in written.items()})


def test_the_password_shows_nowhere() -> None:
    environ = {"SMTP_USER": "a", "SMTP_PASSWORD": "hunter2hunter2"}
    assert "hunter2" not in repr(load_settings({f"HALLPASS_{name}": text for name, text in environ.items()}))
