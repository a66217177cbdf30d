"""How the sources write a role: labels that differ only in dashes, spacing or capitals are one name."""

import re
import unicodedata

_DASH = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")


def role_key(label: str) -> str:
    """The key of a label or code: "Educator – Test Site", "Educator -Test Site" and "educator-test site" are one."""
    text = _DASH.sub("-", unicodedata.normalize("NFKC", label))
    return " ".join(text.split()).casefold()
