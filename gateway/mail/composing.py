"""Composes a message when it is sent: who it goes to, what is overtaken by now, its words and its link."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from gateway.mail.links import PURPOSES, MadeLink, make_link, make_registration_link
from gateway.mail.looked_up import Occasion, Words
from gateway.mail.rendering import Frame, Letter, Said, letter
from gateway.mail.words import harmless
from gateway.signin.email_code import make_code
from gateway.state import Gateway
from policy.facts import UserStatus
from store.account_links import PASSWORD_LINKS
from store.connection import Connection
from store.mail_facts import correspondent, factor_reset_effect, open_change, open_registration
from store.mail_templates import TEMPLATES
from store.messages import Message, Notice, Problem

_ORDER: Final = {name: number for number, name in enumerate(TEMPLATES)}


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter and the address it goes to."""

    address: str = field(repr=False)
    letter: Letter


async def compose(gateway: Gateway, connection: Connection, message: Message) -> Composed | Problem:
    """Inside a transaction, in which its link is made; a Problem: it isn't to be sent at all."""
    occasion = await _occasion(gateway, connection, message)
    if isinstance(occasion, Problem):
        return occasion
    notices = _still_true(message.notices, occasion)
    if not notices:
        return Problem.NOT_NEEDED
    link = await _link(gateway, connection, notices, occasion)
    words = await Words.gathered(gateway, connection, notices, occasion, link)
    said = [Said(one.template, words.of(one)) for one in notices]
    address = occasion.to.address
    if message.template == "email-change-confirm-new" and occasion.change:
        address = occasion.change.new_address
    settings = gateway.settings
    where = link.address if link else f"{settings.issuer}/"
    frame = Frame(harmless(occasion.to.first_name), settings.issuer, settings.mail_reply_to, where)
    return Composed(address, letter(said, frame))


async def _occasion(gateway: Gateway, connection: Connection, message: Message) -> Occasion | Problem:
    """Whom it goes to, and the change or registration that it is about, as they are now."""
    about = message.notices[0].values
    if message.user is None:
        id_ = UUID(str(about["registration"]))
        registration = await open_registration(connection, id_, gateway.now())
        if registration is None:
            return Problem.NOT_NEEDED
        return Occasion(registration.correspondent, registration=registration, about=id_)
    to = await correspondent(connection, message.user, hold=_sets_password(message))
    if to is None:
        return Problem.NO_ADDRESS
    if "sign_in" in about:
        return Occasion(to, message.user, code=await make_code(gateway, connection, UUID(str(about["sign_in"]))))
    if "reset" in about:
        id_ = UUID(str(about["reset"]))
        effect = await factor_reset_effect(connection, id_, gateway.now())
        return Occasion(to, message.user, factors_go_at=effect, about=id_)
    if "change" not in about:
        return Occasion(to, message.user)
    id_ = UUID(str(about["change"]))
    return Occasion(to, message.user, await open_change(connection, id_, gateway.now()), about=id_)


def _sets_password(message: Message) -> bool:
    """Whether its link opens the account: it must go to no address that is another's by the time it is good."""
    return any(PURPOSES.get(one.template) in PASSWORD_LINKS for one in message.notices)


def _still_true(notices: Sequence[Notice], occasion: Occasion) -> list[Notice]:
    """What hasn't been overtaken since it was queued, in the order in which it is told."""
    kept = [one for one in notices if not _overtaken(one, occasion)]
    return sorted(kept, key=lambda one: _ORDER[one.template])


def _overtaken(notice: Notice, occasion: Occasion) -> bool:
    if notice.template == "invitation":
        return occasion.to.status is not UserStatus.INVITED
    if "reset" in notice.values:
        return occasion.factors_go_at is None
    if "sign_in" in notice.values:
        return occasion.code is None
    return "change" in notice.values and occasion.change is None


async def _link(
    gateway: Gateway, connection: Connection, notices: Sequence[Notice], occasion: Occasion
) -> MadeLink | None:
    if occasion.registration is not None and occasion.about is not None:
        return await make_registration_link(gateway, connection, occasion.about, occasion.registration.expires_at)
    purpose = next((PURPOSES[one.template] for one in notices if one.template in PURPOSES), None)
    if purpose is None or occasion.user is None:
        return None
    return await make_link(gateway, connection, purpose, occasion.user, occasion.about)
