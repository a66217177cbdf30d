"""Answers fields and carries out mutations, one module per aggregate; no SQL text and no permission literals."""
