"""Request parameters as OAuth reads them: each at most once, of bearable length, without control characters."""

import re
from collections.abc import Iterable, Iterator, Mapping

from gateway.oidc.errors import InvalidRequestError, plain

_LONGEST_VALUE = 8192
_UNBEARABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Parameters(Mapping[str, str]):
    """The values by name; an empty value counts as none (RFC 6749 section 3.1). `repeated` names those sent twice."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        seen: set[str] = set()
        repeated: set[str] = set()
        self._values: dict[str, str] = {}
        for name, value in pairs:
            (repeated if name in seen else seen).add(name)
            if value:
                self._values[name] = value
        self.repeated = frozenset(repeated)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def check(self) -> None:
        """Raises InvalidRequestError for a repeated parameter, a very long one or one with control characters."""
        if self.repeated:
            raise InvalidRequestError(f"The parameter {plain(min(self.repeated))} was sent more than once.")
        for name, value in self._values.items():
            if len(value) > _LONGEST_VALUE:
                raise InvalidRequestError(f"The parameter {plain(name)} is too long.")
            if not is_text(value):
                raise InvalidRequestError(f"The parameter {plain(name)} holds control characters.")


def is_text(value: str) -> bool:
    """Whether PostgreSQL, logs and headers can hold it: no control characters (but JSON may have line ends)."""
    return _UNBEARABLE.search(value) is None
