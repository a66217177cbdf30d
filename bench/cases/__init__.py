"""The cases, in the order in which a whole run measures them; a new one is a file with a `CASE`, named here."""

from bench.cases import cold_start, memory, token, users

CASES = (token.CASE, users.CASE, cold_start.CASE, memory.CASE)
