"""What a person and clients do at a provider before the request whose answer is compared."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from tests.oidc.keyholder import KeyHolder
from tests.oidc.parties import Party


def otherwise_signed(token: str) -> str:
    """A token with something else at its end."""
    return token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")


async def redeemed_twice(at: Party, then: str = "") -> httpx2.Response:
    code = await at.code()
    tokens = (await at.redeem(code)).json()
    again = await at.redeem(code)
    return await at.introspect(tokens[then]) if then else again


async def late_code(at: Party) -> httpx2.Response:
    code = await at.code()
    at.forward(90)
    return await at.redeem(code)


async def refreshed(at: Party, **more: str) -> httpx2.Response:
    return await at.refresh((await at.tokens())["refresh_token"], **more)


async def reused(at: Party, then: str = "") -> httpx2.Response:
    first = await at.tokens()
    second = (await at.refresh(first["refresh_token"])).json()
    again = await at.refresh(first["refresh_token"])
    return await at.introspect(second[then]) if then else again


async def narrowed(at: Party) -> httpx2.Response:
    """Narrower, and then all of it again: the refresh token stays as wide as it was."""
    narrow = (await refreshed(at, scope="openid")).json()
    assert narrow["scope"] == "openid"
    return await at.refresh(narrow["refresh_token"], scope="openid profile")


async def introspected(at: Party, name: str, client: str = "reporting") -> httpx2.Response:
    return await at.introspect((await at.tokens())[name], client)


async def used(at: Party) -> httpx2.Response:
    first = (await at.tokens())["refresh_token"]
    await at.refresh(first)
    return await at.introspect(first)


async def revoked(at: Party, name: str, then: str = "", client: str = "reporting", **more: str) -> httpx2.Response:
    tokens = await at.tokens()
    answer = await at.revoke(tokens[name], client, **more)
    return await at.introspect(tokens[then]) if then else answer


async def revoked_and_used(at: Party) -> httpx2.Response:
    tokens = await at.tokens()
    await at.revoke(tokens["access_token"])
    return await at.userinfo(tokens["access_token"])


async def late(at: Party, ask: Callable[[str], Awaitable[httpx2.Response]]) -> httpx2.Response:
    token = (await at.tokens())["access_token"]
    at.forward(330)  # the peer takes tokens some seconds longer
    return await ask(token)


async def own_userinfo(at: Party, scheme: str = "Bearer", **more: Any) -> httpx2.Response:
    return await at.userinfo((await at.tokens())["access_token"], scheme, **more)


async def system_s(at: Party) -> httpx2.Response:
    token = (await at.post("token", {"grant_type": "client_credentials"})).json()["access_token"]
    return await at.userinfo(token)


async def of_scope(at: Party, scope: str) -> httpx2.Response:
    code = await at.code(scope=f"openid {scope} offline_access")
    refresh = (await at.redeem(code)).json()["refresh_token"]
    return await at.userinfo((await at.refresh(refresh, scope=scope)).json()["access_token"])


async def posted_userinfo(at: Party, *, in_form: bool) -> httpx2.Response:
    """With the token in the header, or in the form (RFC 6750 section 2.2)."""
    token, address = (await at.tokens())["access_token"], at.metadata["userinfo_endpoint"]
    if in_form:
        return await at.http.post(address, data={"access_token": token})
    return await at.http.post(address, headers={"Authorization": f"Bearer {token}"})


async def bare_userinfo(at: Party, **more: Any) -> httpx2.Response:
    return await at.http.get(at.metadata["userinfo_endpoint"], **more)


async def in_address(at: Party) -> httpx2.Response:
    return await bare_userinfo(at, params={"access_token": (await at.tokens())["access_token"]})


async def crossed(at: Party, name: str) -> httpx2.Response:
    return await at.refresh((await at.tokens())[name])


async def modified(at: Party) -> httpx2.Response:
    return await at.userinfo(otherwise_signed((await at.tokens())["access_token"]))


async def bound(at: Party, **claims: Any) -> httpx2.Response:
    form = {"grant_type": "client_credentials"}
    return await at.post("token", form, headers=await at.proof("token", **claims))


async def proof_twice(at: Party) -> httpx2.Response:
    headers = await at.proof("token")
    form = {"grant_type": "client_credentials"}
    await at.post("token", form, headers=headers)
    return await at.post("token", form, headers=headers)


async def bound_userinfo(
    at: Party, scheme: str = "DPoP", *, proven: bool = True, holder: KeyHolder | None = None, **claims: Any
) -> httpx2.Response:
    tokens = (await at.bound_tokens())["access_token"]
    usual = {"ath": at.hashed(tokens)}
    headers = await at.proof("userinfo", "GET", holder=holder, **(usual | claims)) if proven else {}
    return await at.userinfo(tokens, scheme, headers=headers)


async def unbound_userinfo(at: Party) -> httpx2.Response:
    token = (await at.tokens())["access_token"]
    return await at.userinfo(token, "DPoP", headers=await at.proof("userinfo", "GET", ath=at.hashed(token)))


async def bound_refresh(at: Party) -> httpx2.Response:
    return await at.refresh((await at.bound_tokens())["refresh_token"])


async def asserted(at: Party, header: dict[str, Any] | None = None, **claims: Any) -> httpx2.Response:
    return await at.post("token", at.assertion(header, **claims), "keyed")


async def assertion_twice(at: Party) -> httpx2.Response:
    form = at.assertion()
    await at.post("token", form, "keyed")
    return await at.post("token", form, "keyed")


async def changed_assertion(at: Party, **changes: str) -> httpx2.Response:
    return await at.post("token", at.assertion() | changes, "keyed")


async def hinted(at: Party, **changes: str) -> httpx2.Response:
    return await at.authorize(id_token_hint=(await at.tokens())["id_token"], **changes)


async def others_hint(at: Party, **changes: str) -> httpx2.Response:
    return await at.authorize(id_token_hint=at.kept["bo"]["id_token"], **changes)


async def foreign_hint(at: Party) -> httpx2.Response:
    return await at.authorize("other", id_token_hint=(await at.tokens())["id_token"], prompt="none")


async def aged(at: Party, **changes: str) -> httpx2.Response:
    at.forward(100)
    return await at.authorize(**changes)


async def out(at: Party, changed: bool = False, **asked: str) -> httpx2.Response:
    hint = (await at.tokens())["id_token"]
    return await at.end_session(id_token_hint=otherwise_signed(hint) if changed else hint, **asked)
