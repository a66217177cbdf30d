"""The peer npm oidc-provider: the best-known OpenID provider for Node, everything in memory, without a database."""

import asyncio

from bench.client import CLIENT_ID, CLIENT_SECRET, RESOURCE
from bench.npm import installed, node
from bench.servers import ServerCommand

NAME = "npm oidc-provider, in memory"
PACKAGE = "oidc-provider"


async def oidc_provider(access_tokens: str = "jwt") -> ServerCommand:
    """How it is started, once it is installed. `access_tokens`: `jwt` or `opaque`. Raises PeerMissingError."""
    folder = await asyncio.to_thread(installed, PACKAGE)
    return ServerCommand(
        PACKAGE,
        [str(node()), "server.mjs"],
        ready="/.well-known/openid-configuration",
        variables={
            "PORT": "{port}",
            "NODE_ENV": "production",
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "RESOURCE": RESOURCE,
            "ACCESS_TOKENS": access_tokens,
        },
        folder=folder,
    )


async def opaque_tokens() -> ServerCommand:
    """The same with tokens that it can introspect. Raises PeerMissingError."""
    return await oidc_provider("opaque")
