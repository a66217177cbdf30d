"""The mails that can be queued: what each is called, how urgent it is and which values its order carries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

MailValue = UUID | date | int | str

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:+-]{0,63}")


class Urgency(IntEnum):
    """The queue's priority: larger goes first. Bulk orders stay below every single one, whatever they carry."""

    BULK_NOTICE = 0
    BULK_INVITATION = 5
    NOTICE = 10
    INVITATION = 20
    AWAITED = 30
    """Somebody sits before the screen and waits for it."""

    @property
    def in_bulk(self) -> "Urgency":
        return Urgency.BULK_NOTICE if self <= Urgency.NOTICE else Urgency.BULK_INVITATION


class MailOrderError(ValueError):
    """An order that no template understands; the message says which name or value is wrong."""


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """`needs`: values that every order carries, `may`: values that it can carry besides.

    Values are ids, codes, dates and whole numbers. Names, addresses and links are looked up when the mail is sent.
    `joins`: several of them for one person from one change or upload become one mail.
    """

    name: str
    urgency: Urgency
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    joins: bool = False

    def checked(self, values: Mapping[str, MailValue]) -> dict[str, str | int]:
        """The values as they are stored. Raises MailOrderError for a missing, unknown or talkative one."""
        wrong = (self.needs - values.keys()) | (values.keys() - self.needs - self.may)
        if wrong:
            raise MailOrderError(
                f"The mail {self.name} needs {sorted(self.needs)} and may have {sorted(self.may)}: "
                f"look at {sorted(wrong)}."
            )
        return {name: _plain(self.name, name, value) for name, value in values.items()}


def mail_template(name: str) -> MailTemplate:
    """Raises MailOrderError for a name that isn't registered."""
    found = TEMPLATES.get(name)
    if found is None:
        raise MailOrderError(f"There is no mail {name}: write one of {', '.join(TEMPLATES)}.")
    return found


def _plain(template: str, name: str, value: MailValue) -> str | int:
    if isinstance(value, int):
        return value
    text = value.isoformat() if isinstance(value, date) else str(value)
    if text and not _CODE.fullmatch(text):
        raise MailOrderError(f"The mail {template} takes an id or a code as {name}: names and addresses stay out.")
    return text


_ROLE: Final = frozenset({"program", "role", "organization", "school_year"})

_TEMPLATES: Final = (
    MailTemplate("invitation", Urgency.INVITATION, joins=True),
    MailTemplate("role-assigned", Urgency.NOTICE, _ROLE, joins=True),
    MailTemplate("role-removed", Urgency.NOTICE, _ROLE, joins=True),
    MailTemplate("password-reset", Urgency.AWAITED),
    MailTemplate("password-reset-inactive", Urgency.AWAITED),
    MailTemplate("password-changed", Urgency.NOTICE),
    MailTemplate("identity-linked", Urgency.NOTICE, frozenset({"organization"})),
    MailTemplate("email-change-confirm-old", Urgency.AWAITED, frozenset({"change"})),
    MailTemplate("email-change-confirm-new", Urgency.AWAITED, frozenset({"change"})),
    MailTemplate("email-changed-notice", Urgency.NOTICE, frozenset({"change"})),
    MailTemplate(
        "coordinator-notice",
        Urgency.NOTICE,
        frozenset({"notice", "person", "program", "organization", "school_year"}),
        joins=True,
    ),
    MailTemplate("account-suspended", Urgency.NOTICE, may=frozenset({"organization"}), joins=True),
    MailTemplate("account-reactivated", Urgency.NOTICE, may=frozenset({"organization"}), joins=True),
    MailTemplate("credential-expiry", Urgency.NOTICE, frozenset({"organization", "expires_on"}), joins=True),
    MailTemplate("forms-reminder", Urgency.NOTICE, frozenset({"program", "school_year"}), joins=True),
    MailTemplate("sis-expiry", Urgency.NOTICE, frozenset({"organization", "expires_on"}), joins=True),
    MailTemplate("review-due", Urgency.NOTICE, frozenset({"organization", "due_on"}), joins=True),
    MailTemplate(
        "review-closed",
        Urgency.NOTICE,
        frozenset({"notice", "organization", "due_on", "answered", "unanswered"}),
        joins=True,
    ),
    MailTemplate("state-role-due", Urgency.NOTICE, _ROLE | {"due_on"}, joins=True),
    MailTemplate("sign-in-code", Urgency.AWAITED, frozenset({"sign_in"})),
    MailTemplate("second-step-added", Urgency.NOTICE),
    MailTemplate("second-step-removed", Urgency.NOTICE),
    MailTemplate("recovery-codes-made", Urgency.NOTICE),
    MailTemplate("recovery-code-used", Urgency.NOTICE, frozenset({"left"})),
    MailTemplate("passkey-added", Urgency.NOTICE),
    MailTemplate("passkey-removed", Urgency.NOTICE),
    MailTemplate("passkey-copied", Urgency.NOTICE),
    MailTemplate("second-factors-reset", Urgency.AWAITED, frozenset({"reset"})),
    MailTemplate("second-factors-confirmed", Urgency.NOTICE, frozenset({"reset"})),
    MailTemplate("second-factors-removed", Urgency.NOTICE),
    MailTemplate("second-factors-kept", Urgency.NOTICE),
    MailTemplate("tools-for-teachers-link", Urgency.AWAITED, frozenset({"registration"})),
)
TEMPLATES: Final[Mapping[str, MailTemplate]] = MappingProxyType({one.name: one for one in _TEMPLATES})
"""By name. A new one needs its pair of files in `gateway/mail/templates` too; a test compares."""
