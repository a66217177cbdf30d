"""Clients: how they prove themselves, what is registered of them, and what their tokens would say."""
