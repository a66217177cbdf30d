"""What the consent page's form carries: the request and what was shown, sealed, so that neither can be changed."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.oidc.keys.sealing import SealError, seal, unseal
from gateway.oidc.parameters import Parameters
from gateway.secret_key import subkey

FORM_LIFE: Final = timedelta(minutes=10)
_NAME: Final = "consent"


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """`leave`: the relying party's address with its refusal; `shown`: see `consent.covering.shown_digest`."""

    session: UUID
    parameters: tuple[tuple[str, str], ...]
    leave: str
    shown: bytes
    made_at: datetime

    def is_late(self, now: datetime) -> bool:
        """Whether it must be shown anew."""
        return now - self.made_at > FORM_LIFE

    def request(self) -> Parameters:
        """The authorization request's parameters."""
        return Parameters(self.parameters)


def sealed_form(secret_key: bytes, form: ConsentForm) -> str:
    """The form's content as text for a hidden field."""
    content = {
        "session": str(form.session),
        "request": form.parameters,
        "leave": form.leave,
        "shown": form.shown.hex(),
        "made": form.made_at.isoformat(),
    }
    return base64.urlsafe_b64encode(seal(subkey(secret_key, _NAME), orjson.dumps(content), _NAME)).decode()


def opened_form(secret_key: bytes, text: str) -> ConsentForm | None:
    """What `sealed_form` was given; None for what it didn't make."""
    try:
        content: dict[str, Any] = orjson.loads(unseal(subkey(secret_key, _NAME), base64.urlsafe_b64decode(text), _NAME))
    except (SealError, binascii.Error, ValueError):
        return None
    return ConsentForm(
        UUID(content["session"]),
        tuple((name, value) for name, value in content["request"]),
        content["leave"],
        bytes.fromhex(content["shown"]),
        datetime.fromisoformat(content["made"]),
    )
