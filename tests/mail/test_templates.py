"""Every template, with the most hostile names: nothing gets into a header, nothing becomes markup or a link."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from html.parser import HTMLParser
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from gateway.mail.composing import Composed, compose
from gateway.mail.envelope import enveloped, wire_address
from gateway.mail.links import PURPOSES
from gateway.mail.rendering import TEMPLATES as FOLDER
from gateway.mail.rendering import Letter
from gateway.mail.words import day_and_time, harmless
from gateway.state import Gateway
from policy.ids import UserId
from store.connection import Connection
from store.email_changes import EmailChange, begin_email_change
from store.factor_resets import FactorReset, begin_factor_reset
from store.mail_templates import TEMPLATES, MailTemplate
from store.messages import Message, Notice, Problem
from store.pending_sign_ins import NewPending, Step, begin_pending
from store.users import NewUser, create_user
from tests.oidc.world import ISSUER, LEA, NOW

ANN, BEN = UserId(uuid4()), UserId(uuid4())
CHANGE, REGISTRATION, DOMAIN, RESET, SIGN_IN = uuid4(), uuid4(), uuid4(), uuid4(), uuid4()
HOSTILE = (
    "Eve\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>",
    "=> Click: https://evil.example/steal",
    "{{ 7 * 7 }} {% raw %}",
    "\u202egnp.exe",
    "Zo\u00eb \u5f20 \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    '"><img src=//evil.example/x>',
    "-- \n=20=0A.\n",
)
HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
]  # fmt: skip
NOTICES = ("became-primary", "primary-succeeded", "designated", "no-coordinator")


def values_of(template: MailTemplate) -> dict[str, str | int]:
    known: dict[str, str | int] = {
        "program": "caaspp",
        "role": "site-coordinator",
        "organization": str(LEA),
        "school_year": "2026-27",
        "change": str(CHANGE),
        "reset": str(RESET),
        "notice": "designated",
        "person": str(BEN),
        "expires_on": "2026-12-22",
        "due_on": "2026-12-01",
        "answered": 4,
        "unanswered": 2,
        "registration": str(REGISTRATION),
        "sign_in": str(SIGN_IN),
        "left": 9,
    }
    return {name: known[name] for name in template.needs | template.may}


async def populate(connection: Connection, name: str) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", name, name))
    await create_user(connection, NewUser(BEN, "ben@example.org", name, name))
    await connection.execute("update organizations set name = $1 where id = $2", name, LEA)
    change = EmailChange(CHANGE, ANN, "new@example.org", True, BEN, NOW, NOW + timedelta(days=1), NOW)
    await begin_email_change(connection, change)
    waiting = NewPending(
        SIGN_IN, b"t", ANN, None, ("pwd",), None, None, Step.CODE, False, False, False, False, "/", NOW,
        NOW + timedelta(days=1), None,
    )  # fmt: skip
    await begin_pending(connection, waiting)
    await begin_factor_reset(
        connection, FactorReset(RESET, ANN, BEN, NOW, NOW + timedelta(days=1), NOW + timedelta(days=2))
    )
    await connection.execute(
        "insert into registration_domains (id, organization_id, program, domain, listed_by, listed_at)"
        " values ($1, $2, 'caaspp', 'valley.example', $3, $4)",
        DOMAIN, LEA, BEN, NOW,
    )  # fmt: skip
    await connection.execute(
        "insert into registrations (id, domain_id, email, email_key, first_name, last_name, asked_at, expires_at)"
        " values ($1, $2, 'reg@valley.example', 'reg@valley.example', $3, $3, $4, $5)",
        REGISTRATION, DOMAIN, name, NOW, NOW + timedelta(days=3),
    )  # fmt: skip


def message(*notices: Notice) -> Message:
    user = None if notices[0].template == "tools-for-teachers-link" else ANN
    return Message(uuid4(), user, notices[0].template, notices, 0, 1, timedelta())


async def composed(gateway: Gateway, connection: Connection, *notices: Notice) -> Composed:
    found = await compose(gateway, connection, message(*notices))
    assert isinstance(found, Composed)
    return found


def notice(template: str, by: UserId | None = BEN, **changed: str) -> Notice:
    return Notice(template, {**values_of(TEMPLATES[template]), **changed}, by)


class Page(HTMLParser):
    """Which elements and addresses a mail's HTML has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.others: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            elif name in ("src", "action", "background") or name.startswith("on"):
                self.others.append(f"{name}={value}")


def test_each_registered_mail_has_its_template_and_each_template_its_mail() -> None:
    files = {path.stem for path in FOLDER.glob("*.txt")} - {"layout"}
    assert files == TEMPLATES.keys()
    assert PURPOSES.keys() <= TEMPLATES.keys()


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_stay_words(gateway: Gateway, connection: Connection, name: str) -> None:
    await populate(connection, name)
    for template in TEMPLATES:
        found = await composed(gateway, connection, notice(template))
        mail = enveloped(gateway.settings, uuid4(), found, NOW)
        assert message_from_bytes(mail.as_bytes()).keys() == HEADERS, template
        page = Page(found.letter.html)
        assert not page.tags & {"script", "img", "iframe", "form", "link", "style", "input"}, template
        assert page.others == [], template
        assert all(link.startswith(f"{ISSUER}/") for link in page.links), template
        addresses = re.findall(r"https?://[^\s<>\"]+", found.letter.text)
        assert addresses, template
        assert all(address.startswith(ISSUER) for address in addresses), template
        assert "49" not in found.letter.subject
        assert "\u202e" not in found.letter.text + found.letter.html


@pytest.mark.parametrize("template", TEMPLATES)
async def test_text_and_html_say_the_same(gateway: Gateway, connection: Connection, template: str) -> None:
    await populate(connection, "Vernon Valley")
    found = await composed(gateway, connection, notice(template))
    words = " ".join(found.letter.text.split())
    for paragraph in re.findall(r"<p>(.*?)</p>", found.letter.html, re.DOTALL):
        shown = paragraph.replace("&#39;", "'").replace("&amp;", "&")
        assert " ".join(shown.split()) in words
    assert found.letter.text.startswith("Hello Vernon Valley,")
    assert "None" not in found.letter.text
    assert "\n\n\n" not in found.letter.text


@pytest.mark.parametrize("template", TEMPLATES)
async def test_a_mail_without_an_actor_is_a_sentence_too(
    gateway: Gateway, connection: Connection, template: str
) -> None:
    await populate(connection, "Vernon Valley")
    text = (await composed(gateway, connection, notice(template, None))).letter.text
    assert "  " not in text.replace("-- \n", "")
    assert not re.search(r"\b(by|ask|call) [.,]", text)


@pytest.mark.parametrize("code", NOTICES)
async def test_each_notice_to_coordinators_has_its_sentence(
    gateway: Gateway, connection: Connection, code: str
) -> None:
    await populate(connection, "Vernon Valley")
    text = (await composed(gateway, connection, notice("coordinator-notice", notice=code))).letter.text
    assert "Vernon Valley for" in text
    assert "2026-27" in text


async def test_the_words_are_the_ones_that_people_know(gateway: Gateway, connection: Connection) -> None:
    await populate(connection, "Vernon")
    found = await composed(gateway, connection, notice("role-assigned"))
    assert "Vernon Vernon gave you the role Site CAASPP Coordinator (" in found.letter.text
    assert "at Vernon for school year 2026-27." in found.letter.text
    expiry = await composed(gateway, connection, notice("credential-expiry"))
    assert "expires on December 22, 2026" in expiry.letter.subject
    expired = await composed(gateway, connection, notice("credential-expiry", expires_on="2026-11-20"))
    assert "has expired" in expired.letter.subject


async def test_a_reset_says_what_has_become_of_the_password(gateway: Gateway, connection: Connection) -> None:
    """Whoever asks for herself keeps it until she chooses a new one; a coordinator's reset ends it at once (S0-19)."""
    await populate(connection, "Vernon")
    own = (await composed(gateway, connection, notice("password-reset", None))).letter.text
    assert "your password stays as it is" in own
    others = (await composed(gateway, connection, notice("password-reset"))).letter.text
    assert "present password does not work any more" in others
    assert "stays as it is" not in others


async def test_several_notices_are_one_letter_that_says_nothing_twice(gateway: Gateway, connection: Connection) -> None:
    await populate(connection, "Vernon")
    roles = [notice("role-assigned", school_year=year) for year in ("2026-27", "2025-26")]
    found = await composed(gateway, connection, *roles, notice("invitation"))
    assert found.letter.subject == "Your invitation to Hallpass"
    assert found.letter.text.count("Sign in to Hallpass to use a role.") == 1
    assert found.letter.text.index("Choose a password") < found.letter.text.index("-- ")
    assert "2025-26" in found.letter.text
    assert found.letter.html.count("<a ") == 1
    other = await composed(gateway, connection, roles[0], notice("role-removed"))
    assert other.letter.subject == "Changes to your Hallpass access"


@pytest.mark.parametrize("template", ["invitation", "email-change-confirm-old", "tools-for-teachers-link"])
async def test_what_has_been_overtaken_is_not_sent(gateway: Gateway, connection: Connection, template: str) -> None:
    await populate(connection, "Vernon")
    await connection.execute("update users set status = 'active'")
    await connection.execute("update email_changes set canceled_at = now()")
    await connection.execute("delete from registrations")
    assert await compose(gateway, connection, message(notice(template))) is Problem.NOT_NEEDED
    await connection.execute("update users set status = 'deleted', email = null, email_key = null")
    if template != "tools-for-teachers-link":
        assert await compose(gateway, connection, message(notice(template))) is Problem.NO_ADDRESS


async def test_confirmations_go_to_the_address_that_is_to_be_confirmed(
    gateway: Gateway, connection: Connection
) -> None:
    await populate(connection, "Vernon")
    old, new = [
        await composed(gateway, connection, notice(f"email-change-confirm-{which}")) for which in ("old", "new")
    ]
    assert (old.address, new.address) == ("ann@example.org", "new@example.org")
    registration = await composed(gateway, connection, notice("tools-for-teachers-link"))
    assert registration.address == "reg@valley.example"


def test_addresses_in_other_scripts() -> None:
    assert wire_address("ann@b\u00fccher.example") == "ann@xn--bcher-kva.example"
    assert wire_address("\u00e4nn@example.org") == "\u00e4nn@example.org"
    for bad in ("ann", "@example.org", "ann@", "a nn@example.org", "ann@example.org\r\nBcc: x@y.z"):
        with pytest.raises(ValueError, match="no e-mail address"):
            wire_address(bad)


def test_names_are_made_harmless() -> None:
    assert harmless("Ann\r\n\tBell ") == "Ann Bell"
    assert harmless("\u202eevil") == "evil"
    assert "https://" not in harmless("https://evil.example")
    assert harmless("Mary St. John-O'Neil") == "Mary St. John-O'Neil"
    assert len(harmless("x" * 1000)) == 120


def test_times_are_the_state_s() -> None:
    moment = datetime(2027, 6, 30, 23, 5, tzinfo=UTC)
    assert day_and_time(moment, ZoneInfo("America/Los_Angeles")) == "June 30, 2027, 4:05 PM PDT"


def test_headers_are_encoded(gateway: Gateway) -> None:
    letter = Letter("R\u00f4le at \u5f20 School", "text", "<p>html</p>")
    mail = enveloped(gateway.settings, UUID(int=1), Composed("ann@example.org", letter), NOW)
    assert isinstance(mail, EmailMessage)
    assert mail.as_bytes().isascii()
    assert mail["Subject"] == "R\u00f4le at \u5f20 School"
