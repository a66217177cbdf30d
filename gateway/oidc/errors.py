"""The OAuth errors that the provider's decisions raise: Authlib's classes, and the few that it lacks."""

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
    UnsupportedResponseTypeError,
)
from authlib.oidc.core.errors import (
    ConsentRequiredError,
    InteractionRequiredError,
    InvalidRequestURIError,
    LoginRequiredError,
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)

__all__ = [
    "AccessDeniedError",
    "ConsentRequiredError",
    "InteractionRequiredError",
    "InvalidAuthorizationDetailsError",
    "InvalidClientError",
    "InvalidDpopProofError",
    "InvalidGrantError",
    "InvalidRequestError",
    "InvalidRequestURIError",
    "InvalidScopeError",
    "InvalidTargetError",
    "LoginRequiredError",
    "OAuth2Error",
    "RegistrationNotSupportedError",
    "RequestNotSupportedError",
    "RequestURINotSupportedError",
    "UnauthorizedClientError",
    "UnmetAuthenticationRequirementsError",
    "UnsupportedGrantTypeError",
    "UnsupportedResponseTypeError",
    "UseDpopNonceError",
    "error_parameters",
    "plain",
]


class InvalidTargetError(OAuth2Error):
    """The resource is unknown or not the client's (RFC 8707 section 2)."""

    error = "invalid_target"


class InvalidAuthorizationDetailsError(OAuth2Error):
    """The authorization details are malformed or name what this type doesn't have (RFC 9396 section 5)."""

    error = "invalid_authorization_details"


class InvalidDpopProofError(OAuth2Error):
    """The DPoP proof is missing where the client must send one, or isn't good (RFC 9449 section 5)."""

    error = "invalid_dpop_proof"


class UseDpopNonceError(OAuth2Error):
    """The DPoP proof needs a nonce of ours, which the answer brings (RFC 9449 section 8)."""

    error = "use_dpop_nonce"
    description = "The DPoP proof needs the nonce of the DPoP-Nonce header."
    nonce = ""


class UnmetAuthenticationRequirementsError(OAuth2Error):
    """The person did not prove herself as surely as was asked (OpenID Connect Unmet Authentication Requirements)."""

    error = "unmet_authentication_requirements"


def plain(text: str, longest: int = 60) -> str:
    """Text from outside for an error_description: printable ASCII without quote, backslash (RFC 6749 section 5.2)."""
    kept = "".join(c if " " <= c <= "~" and c not in '"\\' else "?" for c in text[:longest])
    return kept if len(text) <= longest else kept + "..."


def error_parameters(error: OAuth2Error) -> dict[str, str]:
    """`error` and `error_description`, as JSON members or query parameters."""
    return {str(name): str(value) for name, value in error.get_body()}
