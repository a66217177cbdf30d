"""The scopes that a relying party may be registered for, and the claims that each one opens."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OPENID: Final = "openid"
OFFLINE_ACCESS: Final = "offline_access"
ASSESSMENT: Final = "assessment"
DIRECTORY_READ: Final = "directory.read"
DIRECTORY_MANAGE: Final = "directory.manage"
"""Changes of single roles for a person who has just signed in: for the state's own clients."""
SIGNALS_READ: Final = "ssf.read"
SIGNALS_MANAGE: Final = "ssf.manage"
SBAC: Final = "sbac"
"""The attributes of Smarter Balanced components."""
SBAC_PERMISSIONS: Final = "sbac.permissions"
"""The permission service of Smarter Balanced components: roles and what they open, nothing about people."""

SCOPES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        OPENID: ("sub",),
        "profile": ("name", "given_name", "family_name"),
        "email": ("email",),
        ASSESSMENT: ("assessment", "assessment_access"),
        SBAC: ("sbacUUID", "sbacTenancyChain", "mail", "givenName", "sn", "cn", "telephoneNumber"),
        OFFLINE_ACCESS: (),
        DIRECTORY_READ: (),
        DIRECTORY_MANAGE: (),
        SIGNALS_READ: (),
        SIGNALS_MANAGE: (),
        SBAC_PERMISSIONS: (),
    }
)
"""Claims by scope (OpenID Connect Core 5.4), in the order of discovery."""

PERSON_SCOPES: Final = frozenset({OPENID, "profile", "email", ASSESSMENT, SBAC, OFFLINE_ACCESS, DIRECTORY_MANAGE})
"""Scopes that mean nothing without a person: client_credentials never gets them."""

GATEWAY_SCOPES: Final = frozenset({DIRECTORY_READ, DIRECTORY_MANAGE, SIGNALS_READ, SIGNALS_MANAGE, SBAC_PERMISSIONS})
"""Scopes of the gateway's own APIs: a token with one of them is for the gateway."""
