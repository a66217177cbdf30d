"""Subscriptions over WebSockets: the protocol graphql-transport-ws, and the feed of changes that they follow."""
