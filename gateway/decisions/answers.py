"""Decisions as AuthZEN's JSON: reason codes for everybody, explanations for persons, errors of single questions."""

import secrets
from functools import lru_cache
from typing import Any

import orjson

from policy.decide import Decision
from policy.reasons import Reason
from resolvers.decisions import Judged
from store.access_version import AccessVersion


class DecisionIds:
    """Ids that no other process gives: UUIDs of version 8 (RFC 9562) with a random beginning and a counter."""

    def __init__(self) -> None:
        first, variant = secrets.token_hex(8), 8 + secrets.randbelow(4)
        self._beginning = f"{first[:8]}-{first[8:12]}-8{first[12:15]}-{variant:x}{secrets.token_hex(2)[:3]}-"
        self._next = secrets.randbelow(1 << 40)

    def next(self) -> str:
        self._next += 1
        return f"{self._beginning}{self._next:012x}"

    def several(self, most: int) -> list[str]:
        beginning, first = self._beginning, self._next + 1
        self._next += most
        return [f"{beginning}{number:012x}" for number in range(first, first + most)]


def decision_json(judged: Judged, decision_id: str, *, explained: bool) -> bytes:
    """One decision. `explained`: for a person, who is told why and what is missing."""
    decision = judged.decision
    begin = _beginning(decision.allowed, decision.reason, judged.version, judged.asserted)
    more = b"," + orjson.dumps(_explained(decision))[1:-1] if explained else b""
    return b'%b,"decision_id":"%b"%b}}' % (begin, decision_id.encode(), more)


@lru_cache(maxsize=20_000)
def _beginning(allowed: bool, reason: Reason, version: int | None, asserted: bool) -> bytes:
    """The same for many decisions, up to the end of what a system is told but for the decision's id."""
    context: dict[str, Any] = {"reason": reason.value}
    if version is not None:
        context["access_version"] = AccessVersion(version).text
    if asserted:
        context["asserted"] = True
    return orjson.dumps({"decision": allowed, "context": context})[:-2]


def error_json(message: str) -> bytes:
    """The answer to one question of several that can't be understood (AuthZEN 7.2.1): closed."""
    return orjson.dumps({"decision": False, "context": {"error": {"status": 400, "message": message}}})


def _explained(decision: Decision) -> dict[str, Any]:
    found: dict[str, Any] = {"explanation": decision.explanation}
    if decision.missing:
        found["missing"] = [{"kind": step.kind.value, "name": step.name} for step in decision.missing]
    if decision.grant is not None:
        grant = decision.grant
        found["grant"] = {
            "program": grant.program,
            "role": grant.role,
            "school_year": grant.school_year,
            "organization": f"{grant.organization.level}:{grant.organization.code}",
            "reach": grant.reach.value,
            "basis": grant.basis,
        }
    return found
