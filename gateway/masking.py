"""What must never reach a log: values whose name or shape says token, secret, password, code, SSID or cookie."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final, cast

MASK: Final = "[masked]"

_SECRET_WORDS: Final = frozenset(
    {"assertion", "authorization", "bearer", "code", "codes", "cookie", "cookies", "credential", "credentials", "csrf"}
    | {"hint", "jwt", "otp", "passphrase", "passwd", "password", "passwords", "pin", "pwd", "secret", "secrets"}
    | {"ssid", "ssids", "token", "tokens", "totp", "verifier"}
)
_HARMLESS_CODES: Final = frozenset(
    {"status_code", "reason_code", "exit_code", "organization_code", "role_code", "program_code"}
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_NAMES: Final = "|".join(sorted(_SECRET_WORDS - {"hint", "pin"}, key=len, reverse=True)) + "|private_?key|secret_?key"
# Whoever sends a request may choose a part of the text: each pattern takes time that grows with its length alone. A run
# of name characters is looked at once, from its start, and what was read is never given back.
_IN_TEXT: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(?i)\b((?:set-)?cookie\s*+:\s*+)[^\r\n]++"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic|dpop)(\s++)[^\s\"',;]++"), rf"\1\2{MASK}"),
    (
        re.compile(
            rf"(?i)(?<![\w-])((?=[\w-]*?(?:{_NAMES}))[\w-]++[\"']?+\s*+(?:=>|[=:])\s*+)"
            rf"(\"[^\"]*+\"?+|'[^']*+'?+|[^\s&,;)}}\]\"']++)"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(://)[^/\s@]*+@"), rf"\1{MASK}@"),
    # PostgreSQL's detail of a broken constraint; the value may hold anything, so the line ends with it
    (re.compile(r"(Key \([^\n]{0,300}?\)=\()[^\n]*+"), rf"\1{MASK}"),
    (re.compile(r"(?<![\w-])(?>[\w-]*?eyJ)[\w-]*+(?:\.[\w-]*+)++"), MASK),
    (re.compile(r"(?<!\d)\d{10}(?!\d)"), MASK),
)
_LONGEST: Final = 8_000
"""Characters of a text that a log shows; cut first, and between words: a part of a secret looks harmless."""
_CUT_WORD: Final = re.compile(r"(?<![\w-])[\w-]+\Z")
_LONG: Final = re.compile(r"[A-Za-z0-9_-]{32,}")
_HEX: Final = re.compile(r"[0-9a-fA-F]+")


def masked(name: str, value: object) -> object:
    """The value as a log may show it: masked whole under a telling name, else in parts."""
    if value is None or isinstance(value, bool | float):
        return value
    if is_secret_name(name):
        return MASK
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, int):
        return MASK if len(str(abs(value))) == 10 and name not in ("duration_ns", "bytes") else value
    if isinstance(value, Mapping):
        items = cast(Mapping[object, object], value).items()
        return {masked_text(str(key)): masked(str(key), item) for key, item in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(name, item) for item in cast(Collection[object], value)]
    return masked_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a field of this name may hold a secret: `client_secret`, `codeVerifier`, not `status_code`."""
    if name.lower() in _HARMLESS_CODES:
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    return not _SECRET_WORDS.isdisjoint(words) or ("key" in words and not {"private", "secret"}.isdisjoint(words))


def masked_text(text: str) -> str:
    """A text without what looks like a secret: named values, JWTs, URL passwords, SSIDs, random strings.

    At most 8,000 characters of it, in time that grows with their number alone.
    """
    if len(text) > _LONGEST:
        text = _CUT_WORD.sub("", text[:_LONGEST]) + "…"
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return _LONG.sub(_masked_if_random, text)


def _masked_if_random(found: re.Match[str]) -> str:
    """Long runs are random when they mix cases or are all hexadecimal; ids (UUIDs) and snake_case names are neither."""
    text = found.group()
    mixed = text.lower() != text and text.upper() != text
    return MASK if mixed or _HEX.fullmatch(text) else text
