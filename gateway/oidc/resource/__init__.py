"""Where tokens are taken: userinfo, introspection, revocation, and what a bearer may learn."""
