"""Every secret that the run has used, and the search for them in what a gateway has written."""

import base64
from urllib.parse import quote

_SHORTEST = 8


class SecretValues:
    """Passwords, codes, tokens, cookies and keys; a JWT is looked for in each of its parts."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def __len__(self) -> int:
        return len(self._values)

    def keep(self, *values: str) -> None:
        for value in values:
            assert len(value) >= _SHORTEST, f"{value!r} is too short to be told from other text"
            self._values.add(value)

    def keep_basic(self, client_id: str, secret: str) -> None:
        """A client's secret, also as the Authorization header carries it."""
        self.keep(secret, base64.b64encode(f"{client_id}:{secret}".encode()).decode())

    def found_in(self, text: str) -> list[str]:
        """Those that stand in the text, as they are or percent-encoded."""
        return sorted(value for value in self._values if any(form in text for form in _forms(value)))


def _forms(value: str) -> set[str]:
    parts = {part for part in value.split(".")[1:] if len(part) >= 32} if value.startswith("eyJ") else set[str]()
    return {value, quote(value, safe=""), value.replace(" ", "+")} | parts
