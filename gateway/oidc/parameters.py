"""Request parameters as OAuth reads them: each at most once, of bearable length, without control characters."""

import re
from collections.abc import Iterable

from gateway.oidc.errors import InvalidRequestError, plain

_LONGEST_VALUE = 8192
_UNBEARABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Parameters(dict[str, str]):
    """The values by name; an empty value counts as none (RFC 6749 section 3.1). `repeated` names those sent twice.

    A plain dictionary, because most questions to it are about parameters that weren't sent.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        seen: set[str] = set()
        repeated: set[str] = set()
        for name, value in pairs:
            (repeated if name in seen else seen).add(name)
            if value:
                self[name] = value
        self.repeated = frozenset(repeated)

    def check(self) -> None:
        """Raises InvalidRequestError for a repeated parameter, a very long one or one with control characters."""
        if self.repeated:
            raise InvalidRequestError(f"The parameter {plain(min(self.repeated))} was sent more than once.")
        for name, value in self.items():
            if len(value) > _LONGEST_VALUE:
                raise InvalidRequestError(f"The parameter {plain(name)} is too long.")
            if not is_text(value):
                raise InvalidRequestError(f"The parameter {plain(name)} holds control characters.")


def is_text(value: str) -> bool:
    """Whether PostgreSQL, logs and headers can hold it: no control characters (but JSON may have line ends)."""
    return _UNBEARABLE.search(value) is None
