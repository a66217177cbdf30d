"""The cases, in the order in which a whole run measures them; a new one is a file with a `CASE`, named here."""

from bench.cases import (
    cold_start,
    evaluation,
    introspection,
    memory,
    refresh,
    rollover,
    sign_in,
    token,
    uploads,
    user_search,
    userinfo,
    users,
    viewer,
)

CASES = (
    users.CASE,
    viewer.CASE,
    evaluation.CASE,
    token.CASE,
    refresh.CASE,
    introspection.CASE,
    cold_start.CASE,
    memory.CASE,
    sign_in.CASE,
    rollover.CASE,
    uploads.CASE,
    user_search.CASE,
    userinfo.CASE,
)
