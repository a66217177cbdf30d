"""Passkeys: what authenticators are asked and how their answers are judged, and a person's own passkeys."""
