"""Single-use links of mails: made when the mail is sent, kept as a hash, and void when the mail is sent again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from gateway.signin.account_addresses import LIFE, link_address
from gateway.signin.sessions import token_hash
from gateway.state import Gateway
from policy.ids import UserId
from store.account_links import FACTOR_LINKS, LinkPurpose, insert_link
from store.connection import Connection
from store.mail_facts import close_earlier_links, set_registration_link

PURPOSES: Final[Mapping[str, LinkPurpose]] = MappingProxyType(
    {
        "invitation": LinkPurpose.INVITATION,
        "password-reset": LinkPurpose.RESET,
        "email-change-confirm-old": LinkPurpose.EMAIL_OLD,
        "email-change-confirm-new": LinkPurpose.EMAIL_NEW,
        "email-changed-notice": LinkPurpose.EMAIL_STOP,
        "second-factors-reset": LinkPurpose.FACTORS_CONFIRM,
        "second-factors-confirmed": LinkPurpose.FACTORS_STOP,
    }
)
"""The link that a template's button leads to, for people with an account; others lead to the launchpad."""
REGISTRATION_PATH: Final = "/register/finish"
"""Where the link of somebody's own registration leads; she has no account yet."""


@dataclass(frozen=True, slots=True)
class MadeLink:
    address: str = field(repr=False)
    until: datetime


async def make_link(
    gateway: Gateway, connection: Connection, purpose: LinkPurpose, user: UserId, about: UUID | None
) -> MadeLink:
    """Its life is counted from now (decisions, accounts 6). Built from the issuer setting, whatever a request said.

    `about`: the change of address or the reset of factors that it confirms or stops.
    """
    now = gateway.now()
    token = gateway.new_token()
    until = now + LIFE[purpose]
    await close_earlier_links(connection, user, purpose, now)
    of_factors = purpose in FACTOR_LINKS
    await insert_link(
        connection, token_hash(token), user, purpose=purpose, now=now, expires_at=until,
        email_change=None if of_factors else about, factor_reset=about if of_factors else None,
    )  # fmt: skip
    return MadeLink(link_address(gateway.settings.issuer, purpose, token), until)


async def make_registration_link(
    gateway: Gateway, connection: Connection, registration: UUID, until: datetime
) -> MadeLink:
    """As long as the registration itself lives; it takes the place of the one that was sent before."""
    token = gateway.new_token()
    await set_registration_link(connection, registration, token_hash(token))
    return MadeLink(f"{gateway.settings.issuer}{REGISTRATION_PATH}?token={token}", until)
