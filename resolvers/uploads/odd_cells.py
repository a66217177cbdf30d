"""What the libraries for e-mail and telephone make of cells that the file reader's own checks leave open."""

from functools import lru_cache

import email_validator
import phonenumbers

from policy.files.known import Judged

_REGION = "US"
_KEPT = 4_096


@lru_cache(maxsize=_KEPT)
def judged_email(text: str) -> Judged:
    """An address as it is written, or why it is none. Nobody is asked whether its domain exists."""
    try:
        found = email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        return Judged(text, str(error))
    return Judged(found.normalized)


@lru_cache(maxsize=_KEPT)
def judged_phone(text: str) -> Judged:
    """A number of any country as it is written, if it could be one."""
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return Judged(text, "This is no telephone number.")
    if not phonenumbers.is_possible_number(number):
        return Judged(text, "This telephone number has too few or too many digits.")
    return Judged(text)
