"""Signs people in through the gateway with Authlib: code and PKCE; then the access token is judged as any is."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response

from examples.reporting.claims import Permit, RefusedError, is_complete, permits, verified
from examples.reporting.settings import Settings

SCOPE: Final = "openid assessment offline_access"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person as this system knows her: a number and what she may see. Name and address stay with the gateway."""

    sub: str
    role: Mapping[str, Any] | None
    permits: tuple[Permit, ...]
    expires_at: float
    refresh_token: str | None = field(repr=False)


class Gateway:
    """The gateway as an OpenID provider."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        oauth = OAuth()
        self._client: Any = cast(Any, oauth).register(
            "gateway",
            server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
        )

    async def begin(self, request: Request) -> Response:
        """Send the browser to the gateway, which comes back to the redirect URI."""
        settings = self._settings
        return await self._client.authorize_redirect(request, settings.redirect_uri, resource=settings.address)

    async def finish(self, request: Request) -> SignedIn:
        """The person who came back. Raises RefusedError with a sentence for her."""
        if request.query_params.get("iss") != self._settings.issuer:  # RFC 9207
            raise RefusedError("The answer did not come from the gateway.")
        try:
            token = await self._client.authorize_access_token(request, resource=self._settings.address)
        except OAuthError as error:
            raise RefusedError(_sentence(error)) from error
        return await self._signed_in(token)

    async def renewed(self, person: SignedIn) -> SignedIn:
        """The person with what she may see now. Raises RefusedError when the gateway says no."""
        if person.refresh_token is None:
            raise RefusedError("The sign-in has ended.")
        try:
            token = await self._client.fetch_access_token(
                grant_type="refresh_token", refresh_token=person.refresh_token, resource=self._settings.address
            )
        except OAuthError as error:
            raise RefusedError("The gateway does not let this sign-in go on.") from error
        return await self._signed_in(token)

    async def _signed_in(self, token: Mapping[str, Any]) -> SignedIn:
        settings, access = self._settings, str(token.get("access_token", ""))
        keys = KeySet.import_key_set(await self._client.fetch_jwk_set())
        claims = verified(
            access,
            keys,
            issuer=settings.issuer,
            resource=settings.address,
            client_id=settings.client_id,
            now=time.time(),
        )
        entries = claims["authorization_details"] if is_complete(claims) else await self._asked(access)
        context: Mapping[str, Any] = claims.get("assessment") or dict[str, Any]()
        found = permits(entries, settings.address)
        return SignedIn(
            claims["sub"], context.get("active_role"), found, float(claims["exp"]), token.get("refresh_token")
        )

    async def _asked(self, access: str) -> object:
        """The entries of somebody who has too many for a token."""
        metadata = await self._client.load_server_metadata()
        async with httpx2.AsyncClient() as http:
            answer = await http.get(metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {access}"})
        if not answer.is_success:
            raise RefusedError("The gateway did not say whose results may be seen.")
        return answer.json().get("assessment_access")


class People:
    """Who is signed in here, in this process's memory; the cookie holds a random key only."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._known: OrderedDict[str, SignedIn] = OrderedDict()

    def get(self, key: str) -> SignedIn | None:
        return self._known.get(key)

    def put(self, key: str, person: SignedIn) -> None:
        self._known[key] = person
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def drop(self, key: str) -> None:
        self._known.pop(key, None)


def _sentence(error: OAuthError) -> str:
    if error.error == "access_denied":
        return "You have no role that opens this system. Hallpass says on its start page what is missing."
    return "The sign-in could not be finished. Begin again."
