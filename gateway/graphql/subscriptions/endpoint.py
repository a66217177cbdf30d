"""The WebSocket at `/graphql`: the handshake, and refusals before there is a socket."""

import orjson
from starlette.responses import Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from gateway.graphql.subscriptions.credentials import check_handshake
from gateway.graphql.subscriptions.protocol import SUBPROTOCOL, Code
from gateway.graphql.subscriptions.socket import Socket
from gateway.observation import request_id_of
from gateway.problems import ANSWERS
from gateway.refusals import RefusedError


def routes() -> list[BaseRoute]:
    return [WebSocketRoute("/graphql", subscriptions)]


async def subscriptions(websocket: WebSocket) -> None:
    """graphql-transport-ws, and nothing else: its forerunner `graphql-ws` is refused as any unknown one."""
    try:
        check_handshake(websocket)
    except RefusedError as refused:
        await websocket.send_denial_response(_denial(websocket, refused))
        return
    if SUBPROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.accept()
        await websocket.close(Code.SUBPROTOCOL, "Subprotocol not acceptable")
        return
    await Socket(websocket).serve()


def _denial(websocket: WebSocket, refused: RefusedError) -> Response:
    extensions = {"code": refused.kind.value, "requestId": request_id_of(websocket.scope)}
    body = {"errors": [{"message": refused.message, "extensions": extensions}]}
    return Response(orjson.dumps(body), ANSWERS[refused.kind].status, media_type="application/json")
