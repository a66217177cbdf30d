"""Names, addresses and numbers of a person as they are typed: judged before anything is stored."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from resolvers.writing import UserError

_LABEL = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?")
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}")
_PHONE = re.compile(r"\+?[0-9 ().\-/]{3,30}( ?(x|ext\.?) ?[0-9]{1,6})?")
_MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class PersonTyped:
    """What was typed of a person, without blanks around it."""

    email: str
    first_name: str
    last_name: str
    phone: str | None = None
    fax: str | None = None


def problems_of(typed: PersonTyped, last_label_limit: int | None) -> Iterator[UserError]:
    """What is wrong with it. `last_label_limit`: most characters of an address's last label (S0-27)."""
    yield from email_problems(typed.email, last_label_limit)
    yield from name_problems(typed.first_name, typed.last_name, typed.phone, typed.fax)


def name_problems(first_name: str, last_name: str, phone: str | None, fax: str | None) -> Iterator[UserError]:
    """What is wrong with names and numbers."""
    for field, label, value in (("firstName", "first", first_name), ("lastName", "last", last_name)):
        if not value:
            yield _error(field, "REQUIRED", f"The {label} name is missing.", "Fill it in.")
        elif len(value) > _MOST_NAME or not _printable(value):
            text = f"The {label} name has control characters or more than {_MOST_NAME} characters."
            yield _error(field, "INVALID_NAME", text, "Type it as it is written.")
    for field, value in (("phone", phone), ("fax", fax)):
        if value and not _PHONE.fullmatch(value):
            yield _error(
                field, "INVALID_NUMBER", f"{value[:40]!r} is no telephone number.", "Write it like 916-555-0100."
            )


def email_problems(address: str, last_label_limit: int | None) -> Iterator[UserError]:
    """What is wrong with an address."""
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    good = at and _LOCAL.fullmatch(local) and len(labels) > 1 and all(_LABEL.fullmatch(one) for one in labels)
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if not address:
        yield _error("email", "REQUIRED", "The e-mail address is missing.", "Fill it in.")
    elif not good or dots or len(address) > 254 or not _printable(address):
        yield _error("email", "INVALID_EMAIL", "This is no e-mail address.", "Write it like name@district.example.")
    elif last_label_limit is not None and len(labels[-1]) > last_label_limit:
        text = f"The address ends in more than {last_label_limit} characters after its last dot."
        yield UserError(["input", "email"], "INVALID_EMAIL", "S0-27", text, "Check the address for a slip of the pen.")


def _printable(text: str) -> bool:
    return not any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in text)


def _error(field: str, code: str, message: str, remedy: str) -> UserError:
    return UserError(["input", field], code, None, message, remedy)
