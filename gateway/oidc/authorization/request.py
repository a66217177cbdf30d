"""The authorization request: first where an answer may go, then what is asked; both pure decisions (RFC 6749 4.1.1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.oidc.authorization.asked_acr import needed_acr
from gateway.oidc.authorization.details import requested_details
from gateway.oidc.authorization.resources import audience
from gateway.oidc.authorization.scopes import scope_of
from gateway.oidc.dpop.proof import check_thumbprint
from gateway.oidc.errors import (
    InvalidRequestError,
    InvalidScopeError,
    InvalidTargetError,
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
    plain,
)
from gateway.oidc.parameters import Parameters
from gateway.oidc.token.pkce import challenge_of
from policy.redirects import is_registered
from store.relying_parties import RelyingParty

RESPONSE_TYPES: Final = ("code",)
RESPONSE_MODES: Final = ("query",)
PROMPTS: Final = ("none", "login", "consent", "select_account")
_LONGEST_NONCE: Final = 256
_LONGEST_STATE: Final = 2048


class UnreturnableError(Exception):
    """There is no trusted place to send an answer to: the person sees a page instead (RFC 6749 section 4.1.2.1)."""


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where answers go; known to be the client's own."""

    client: RelyingParty
    redirect_uri: str
    state: str | None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    client: RelyingParty
    redirect_uri: str
    scope: tuple[str, ...]
    resource: str
    details: Sequence[Mapping[str, Any]] | None
    code_challenge: str
    nonce: str | None
    prompts: frozenset[str]
    max_age: int | None
    """Seconds."""
    signed_in_after: datetime | None
    """When this request sent the person to sign in: a sign-in after that fulfils prompt and max_age."""
    login_hint: str | None
    id_token_hint: str | None
    acr: str | None = None
    """The lowest level that the client takes, where it names levels that we know."""
    dpop_jkt: str | None = None
    """Thumbprint of the key that the code is bound to (RFC 9449 section 10)."""
    pushed: bytes | None = None
    """SHA-256 of the reference to a pushed request; None: it stood in the address."""
    ui_locales: str | None = None
    launch: str | None = None
    """Names where the person came from (`gateway.oidc.authorization.launch`)."""

    @property
    def oldest_proof(self) -> int | None:
        """How many seconds before the sign-in page the person may have proved who she is; None: any."""
        return 0 if "login" in self.prompts else self.max_age


def return_address(parameters: Parameters, client: RelyingParty | None) -> ReturnAddress:
    """Raises UnreturnableError unless client and redirect URI are registered: before anything else is judged."""
    if {"client_id", "redirect_uri"} & parameters.repeated:
        raise UnreturnableError("The request names client_id or redirect_uri more than once.")
    if client is None or not client.active:
        raise UnreturnableError("The system that sent you here is not registered.")
    uri = parameters.get("redirect_uri")
    if uri is None:
        raise UnreturnableError("The request names no redirect_uri to return to.")
    if not is_registered(uri, client.redirect_uris):
        raise UnreturnableError("The request's redirect_uri is not registered for the system that sent you here.")
    state = parameters.get("state")
    return ReturnAddress(client, uri, None if "state" in parameters.repeated else state)


def authorization_request(
    parameters: Parameters,
    client: RelyingParty,
    issuer: str,
    *,
    signed_in_after: datetime | None = None,
    pushed: bytes | None = None,
) -> AuthorizationRequest:
    """The request, once each check has passed; raises the first OAuth2Error in the order of `_CHECKS`."""
    if client.require_par and pushed is None:
        raise InvalidRequestError("This client must push its authorization requests (RFC 9126).")
    for check in _CHECKS:
        check(parameters, client)
    scope = scope_of(parameters.get("scope"), client.scopes)
    if not scope:
        raise InvalidScopeError("scope is missing.")
    return AuthorizationRequest(
        client=client,
        redirect_uri=parameters["redirect_uri"],
        scope=scope,
        resource=audience(client, issuer, parameters.get("resource"), scope),
        details=requested_details(parameters.get("authorization_details")),
        code_challenge=challenge_of(parameters),
        nonce=parameters.get("nonce"),
        prompts=_prompts(parameters),
        max_age=_seconds(parameters, "max_age"),
        signed_in_after=signed_in_after,
        login_hint=parameters.get("login_hint"),
        id_token_hint=parameters.get("id_token_hint"),
        acr=needed_acr(parameters),
        dpop_jkt=check_thumbprint(parameters.get("dpop_jkt")),
        pushed=pushed,
        ui_locales=parameters.get("ui_locales"),
        launch=parameters.get("launch"),
    )


def _one_resource(parameters: Parameters, _: RelyingParty) -> None:
    if "resource" in parameters.repeated:
        raise InvalidTargetError("A token is for one resource; send resource once.")


def _once_each(parameters: Parameters, _: RelyingParty) -> None:
    parameters.check()


def _code_client(_: Parameters, client: RelyingParty) -> None:
    if "authorization_code" not in client.grant_types:
        raise UnauthorizedClientError("The client is not registered for authorization_code.")


def _code_response(parameters: Parameters, _: RelyingParty) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise InvalidRequestError("response_type is missing.")
    if response_type not in RESPONSE_TYPES:
        raise UnsupportedResponseTypeError(plain(response_type))
    if parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise InvalidRequestError("response_mode must be query.")


def _no_request_object(parameters: Parameters, _: RelyingParty) -> None:
    if "request" in parameters:
        raise RequestNotSupportedError("Request objects are not supported.")
    if "request_uri" in parameters:
        raise RequestURINotSupportedError("request_uri is not supported.")
    if "registration" in parameters:
        raise RegistrationNotSupportedError("registration is not supported.")


def _bearable(parameters: Parameters, _: RelyingParty) -> None:
    """A nonce goes into the ID token, which has a size to keep; a state into an address."""
    for name, longest in (("nonce", _LONGEST_NONCE), ("state", _LONGEST_STATE)):
        if len(parameters.get(name, "")) > longest:
            raise InvalidRequestError(f"{name} is longer than {longest} characters.")


_CHECKS: Final[tuple[Callable[[Parameters, RelyingParty], None], ...]] = (
    _one_resource,
    _once_each,
    _code_client,
    _code_response,
    _no_request_object,
    _bearable,
)


def _prompts(parameters: Parameters) -> frozenset[str]:
    prompts = frozenset(parameters.get("prompt", "").split())
    unknown = prompts - set(PROMPTS)
    if unknown:
        raise InvalidRequestError(f"prompt {plain(min(unknown))} is unknown.")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt none stands alone.")
    return prompts


def _seconds(parameters: Parameters, name: str) -> int | None:
    text = parameters.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidRequestError(f"{name} is not a whole number.")
    return int(text)
