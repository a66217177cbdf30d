"""The peer npm oidc-provider: the best-known OpenID provider for Node, everything in memory, without a database."""

import asyncio

from bench.client import CLIENT_ID, CLIENT_SECRET, RESOURCE
from bench.npm import installed, node
from bench.servers import ServerCommand

NAME = "npm oidc-provider, in memory"
PACKAGE = "oidc-provider"


async def oidc_provider() -> ServerCommand:
    """How it is started, once it is installed. Raises PeerMissingError."""
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
        },
        folder=folder,
    )
