"""What a signed-in person has as a second step, for her own pages: the app, recovery codes, known browsers."""

from dataclasses import dataclass

from starlette.requests import Request

from gateway.signin.assurance import AAL2
from gateway.signin.devices import LIFE, device_hashes
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from store.known_devices import KnownDevice, known_devices
from store.second_factors import recovery_codes_left, totp_of


@dataclass(frozen=True, slots=True)
class OwnFactors:
    """`app`: since when there is one, as a date; `strong`: whether this session began with a second step."""

    app: str
    codes_left: int
    devices: list[KnownDevice]
    strong: bool


async def own_factors(request: Request) -> OwnFactors | None:
    """None: nobody is signed in."""
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        session = await session_of(request, connection)
        if session is None:
            return None
        user = session.standing.user
        app = await totp_of(connection, user)
        devices = await known_devices(connection, user, device_hashes(request), gateway.now() - LIFE)
        left = await recovery_codes_left(connection, user)
    return OwnFactors(app.made_at.date().isoformat() if app else "", left, devices, session.acr == AAL2)
