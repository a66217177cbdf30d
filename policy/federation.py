"""The kinds of districts' identity providers as data, and what of a verified ID token makes somebody known here.

Claims say who somebody is at the provider. None gives anything here: no role, no organization, no name.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit


class Verified(StrEnum):
    """What `email_verified` has to say of the address."""

    REQUIRED = "required"
    IF_SAID = "if said"
    """False is refused; without the claim the address counts."""
    IGNORED = "ignored"
    """The provider writes the same for everybody, or has no such claim."""


class ProviderKind(StrEnum):
    GOOGLE = "google"
    ENTRA = "entra"
    CLASSLINK = "classlink"
    CLEVER = "clever"
    GENERIC = "generic"


class Knows(StrEnum):
    """What an authorization request may ask for and not every kind knows (OpenID Connect Core 3.1.2.1, 5.5)."""

    MAX_AGE = "max_age"
    CLAIMS = "claims"
    """For the claim `auth_time`."""
    LOGIN_HINT = "login_hint"
    UI_LOCALES = "ui_locales"


@dataclass(frozen=True, slots=True)
class KindTerms:
    """What a kind of provider is like."""

    label: str
    issuer: str = ""
    """Where it is everybody's, or follows from the tenant; '': the registration states it."""
    tenant: re.Pattern[str] | None = None
    """How the tenant is written where one issuer serves many districts; None: it has none."""
    tenant_hint: str = ""
    tenant_claims: tuple[str, ...] = ()
    """The claims that may name the tenant: those that are there agree, and one is."""
    domain_claim: str = ""
    """The claim that must be one of the LEA's confirmed domains."""
    email_claims: tuple[str, ...] = ("email",)
    verified: Verified = Verified.IF_SAID
    scopes: tuple[str, ...] = ("openid", "email")
    asks_who: str = ""
    """The `prompt` with which the provider shows whom it takes somebody for, when a link is made; '': it knows none."""
    signs_in_again: str = ""
    """The `prompt` with which it wants a new sign-in from whom it knows still; '': it knows none."""
    knows: frozenset[Knows] = frozenset()


_GUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
KINDS: Final[Mapping[ProviderKind, KindTerms]] = MappingProxyType(
    {
        ProviderKind.GOOGLE: KindTerms(
            "Google Workspace", issuer="https://accounts.google.com", domain_claim="hd", verified=Verified.REQUIRED,
            asks_who="select_account", knows=frozenset({Knows.CLAIMS, Knows.LOGIN_HINT}),
        ),
        ProviderKind.ENTRA: KindTerms(
            "Microsoft Entra ID", issuer="https://login.microsoftonline.com/{tenant}/v2.0", tenant=_GUID,
            tenant_hint="the directory (tenant) ID, a GUID in small letters", tenant_claims=("tid",),
            email_claims=("email", "preferred_username"), verified=Verified.IGNORED,
            scopes=("openid", "email", "profile"), asks_who="select_account", signs_in_again="login",
            knows=frozenset({Knows.LOGIN_HINT}),
        ),
        ProviderKind.CLASSLINK: KindTerms(
            "ClassLink", issuer="https://launchpad.classlink.com", tenant=re.compile(r"[1-9][0-9]{0,11}"),
            tenant_hint="the tenant ID, a number", tenant_claims=("TenantId", "tenantId"),
            scopes=("openid", "email", "profile"),
        ),
        ProviderKind.CLEVER: KindTerms(
            "Clever", issuer="https://clever.com", tenant=re.compile(r"[0-9a-f]{24}"),
            tenant_hint="the district ID, 24 characters from 0 to f", tenant_claims=("district",),
            verified=Verified.IGNORED,
        ),
        ProviderKind.GENERIC: KindTerms(
            "OpenID provider", asks_who="login", signs_in_again="login",
            knows=frozenset({Knows.MAX_AGE, Knows.LOGIN_HINT, Knows.UI_LOCALES}),
        ),
    }
)  # fmt: skip
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,255}")
"""OpenID Connect Core section 2: at most 255 ASCII characters, compared as they are."""
_MANY_SERVED: Final = frozenset({"sts.windows.net", "login.windows.net", "login.live.com", "appleid.apple.com"})
"""Issuers that sign for people of any district, beside those of the kinds."""


def issuer_of(kind: ProviderKind, tenant: str, stated: str) -> str:
    """The issuer of a registration: the kind's, with its tenant, else the one that it states."""
    return KINDS[kind].issuer.replace("{tenant}", tenant) or stated


def is_shared(issuer: str) -> bool:
    """Whether the issuer signs for people of many districts: it is registered by its own kind only."""
    host = (urlsplit(issuer).hostname or "").rstrip(".")
    return host in _MANY_SERVED or any(host == urlsplit(terms.issuer).hostname for terms in KINDS.values())


def subject_of(claims: Mapping[str, Any]) -> str | None:
    """The subject, as it is compared; None: it isn't one."""
    subject = claims.get("sub")
    return subject if isinstance(subject, str) and _SUBJECT.fullmatch(subject) else None


def is_of_tenant(kind: ProviderKind, tenant: str, domains: Collection[str], claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that the person is this LEA's: of its tenant and, by Google's claim, of its domain."""
    terms = KINDS[kind]
    if terms.tenant is not None:
        said = {str(claims[name]) for name in terms.tenant_claims if name in claims}
        if said != {tenant}:
            return False
    if not terms.domain_claim:
        return True
    domain = claims.get(terms.domain_claim)
    return isinstance(domain, str) and domain in domains


def address_of(kind: ProviderKind, claims: Mapping[str, Any]) -> str | None:
    """The address that the provider vouches for, looked at when a link is made; None: for none."""
    terms = KINDS[kind]
    verified = claims.get("email_verified")
    if terms.verified is Verified.REQUIRED and verified is not True:
        return None
    if terms.verified is Verified.IF_SAID and verified not in (None, True, "true"):
        return None
    for name in terms.email_claims:
        address = claims.get(name)
        if isinstance(address, str) and address.count("@") == 1:
            return address
    return None
