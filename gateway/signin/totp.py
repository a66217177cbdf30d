"""Authenticator apps at the edge: how their secrets are sealed, the QR code, and the check of a typed code."""

from uuid import UUID

from markupsafe import Markup
from segno import make_qr

from gateway.oidc.keys.sealing import SealError, seal, unseal
from gateway.secret_key import subkey
from gateway.state import Gateway
from policy.ids import UserId
from policy.totp import matching_step, typed_code
from resolvers.second_step.vault import TotpVault
from store.database import Connection
from store.second_factors import totp_of, use_totp_step

_APP_NAME = "Hallpass"


def vault_of(gateway: Gateway) -> TotpVault:
    """Secrets are sealed for one person: another one's, put in their place, opens nothing."""
    key = subkey(gateway.secret_key, "totp")

    def unseal_proposed(user: UserId, shown_to: UUID, sealed: bytes) -> bytes | None:
        try:
            return unseal(key, sealed, _proposed(user, shown_to))
        except SealError:
            return None

    return TotpVault(
        seal=lambda user, secret: seal(key, secret, f"totp {user}"),
        unseal=lambda user, sealed: unseal(key, sealed, f"totp {user}"),
        seal_proposed=lambda user, shown_to, secret: seal(key, secret, _proposed(user, shown_to)),
        unseal_proposed=unseal_proposed,
        issuer=_APP_NAME,
    )


def _proposed(user: UserId, shown_to: UUID) -> str:
    return f"totp {user} shown to {shown_to}"


async def use_totp(gateway: Gateway, connection: Connection, user: UserId, typed: str) -> bool:
    """Whether the code is good now and wasn't used; it is used up then (RFC 6238, section 5.2)."""
    stored = await totp_of(connection, user)
    if stored is None:
        return False
    secret = vault_of(gateway).unseal(user, stored.sealed)
    step = matching_step(secret, typed_code(typed), gateway.now(), stored.last_step)
    return step is not None and await use_totp_step(connection, user, stored.sealed, step)


def qr_svg(address: str) -> Markup:
    """The address as a QR code, black on white in every theme, with a name for screen readers."""
    svg = make_qr(address, error="m").svg_inline(
        scale=5, border=3, light="#fff", svgclass="qr", lineclass=None, omitsize=False, title="QR code of the secret"
    )
    return Markup(svg)  # noqa: S704 - made here, from squares
