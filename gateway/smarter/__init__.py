"""Smarter Balanced compatibility at the edge: attributes, token check, permission service, user search."""
