"""A person's own second step: an authenticator app and recovery codes."""
