"""What whoever sent a person to sign in asks for: carried from page to page of the sign-in, whichever way she takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from gateway.signin.assurance import AAL2
from gateway.signin.next_path import START, next_path

_LONGEST_ADDRESS: Final = 320
_LOCALES: Final = re.compile(r"[A-Za-z0-9-]{1,35}(?: [A-Za-z0-9-]{1,35}){0,9}")


@dataclass(frozen=True, slots=True)
class SentHere:
    """`next`: the path of ours to go on to; `acr`: AAL2 where a second step is asked for, else empty.

    `email`: whom the sender expects, or what she typed; `hint`: the former alone; `ui_locales`: the languages that it
    wants (Core 3.1.2.1).
    """

    next: str = START
    acr: str = ""
    email: str = ""
    ui_locales: str = ""
    hint: str = ""

    @staticmethod
    def read(given: Mapping[str, object], typed: str | None = None) -> "SentHere":
        """Of an address or a form, which has what she typed by the name `typed`. What makes no sense is left out."""

        def text(name: str) -> str:
            value = given.get(name)
            return value if isinstance(value, str) else ""

        def person(name: str) -> str:
            return text(name).strip()[:_LONGEST_ADDRESS].replace("\x00", "")

        hint, locales = person("login_hint"), text("ui_locales")
        return SentHere(
            next_path(text("next")), AAL2 if text("acr") == AAL2 else "", hint if typed is None else person(typed),
            locales if _LOCALES.fullmatch(locales) else "", hint,
        )  # fmt: skip

    def address(self, path: str) -> str:
        """The page at this path, told the same, but for an e-mail address that she typed.

        Histories and logs keep addresses: an e-mail is in one only where the sender wrote it, and still means it.
        """
        onward = "" if self.next == START else self.next
        hint = self.hint if self.email == self.hint else ""
        told = {"next": onward, "acr": self.acr, "login_hint": hint, "ui_locales": self.ui_locales}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path
