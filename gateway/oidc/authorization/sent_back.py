"""An authorization request that ends on the pages of the sign-in: its client gets the error."""

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.authorization.endpoint import redirect_back
from gateway.oidc.authorization.page import unreturnable_page
from gateway.oidc.authorization.pushed import resolved
from gateway.oidc.authorization.request import UnreturnableError, return_address
from gateway.oidc.errors import OAuth2Error, error_parameters
from gateway.oidc.parameters import Parameters
from gateway.state import gateway_of
from store.database import Connection
from store.relying_parties import find_relying_party


async def sent_back(request: Request, connection: Connection, onward: str, error: OAuth2Error) -> Response:
    """303 to the client whose authorization request the way leads on to; a page where there is none to return to."""
    gateway = gateway_of(request)
    parameters = Parameters(parse_qsl(urlsplit(onward).query))
    client_id = parameters.get("client_id", "")
    client = await find_relying_party(connection, client_id) if client_id.isprintable() else None
    try:
        found = await resolved(connection, parameters, gateway.now())
        back = return_address(found.parameters, client)
    except UnreturnableError as why:
        return unreturnable_page(request, str(why))
    return redirect_back(gateway.settings.issuer, back, error_parameters(error))
