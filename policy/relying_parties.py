"""What a registration of a relying party may say: its ways to authenticate, grants, algorithms and the like.

The endpoints carry out what stands here, discovery publishes it, and registrations are judged by it
(`resolvers.registration_faults`).
"""

from typing import Final

AUTH_METHODS: Final = ("private_key_jwt", "client_secret_basic", "client_secret_post", "none")
WITH_SECRET: Final = frozenset({"client_secret_basic", "client_secret_post"})
GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials")
ID_TOKEN_ALGORITHMS: Final = ("ES256", "RS256")
ROLE_MODES: Final = ("active-role", "union")
CHANGES_BY: Final = ("refresh", "backchannel-logout", "shared-signals")
"""How a relying party learns that a person's access has changed: at its next refresh (tokens live five minutes), by a
logout token, or by security events."""
