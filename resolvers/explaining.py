"""Explanations: a decision with everything that led to it, as far as the asker may see it."""

import asyncio
from dataclasses import dataclass

from policy.access import AnyOf
from policy.decide import Decision
from policy.explain import Explanation, explain
from policy.ids import AssignmentId
from policy.reasons import MissingStep, Reason
from resolvers import assignments, programs
from resolvers.asking import Asking
from resolvers.decisions import NOWHERE, CheckAsked, DecisionRow, access_asked_about, decision_row, question_of
from resolvers.grants import GrantRow, grant_row
from resolvers.programs import RoleRow
from store.records import AssignmentRecord


@dataclass(frozen=True, slots=True)
class ConsideredRow:
    grant: GrantRow
    outcome: Reason
    missing: tuple[MissingStep, ...]


@dataclass(frozen=True, slots=True)
class ExplanationRow:
    decision: DecisionRow
    considered: list[ConsideredRow]
    passed_over: list[AssignmentRecord]
    givers: list[RoleRow]


async def explain_one(asking: Asking, check: CheckAsked, rule: AnyOf) -> ExplanationRow | None:
    """The decision with its reasons; None where the caller may not ask about that person."""
    asked = await access_asked_about(asking, check, rule)
    if isinstance(asked, Decision):
        return None
    question, known = await question_of(asking, check)
    found = explain(asked.access, question, asking.packs, dict(asking.years.current))
    if found.decision.allowed and not known:
        return ExplanationRow(decision_row(asking, NOWHERE, asked.version), [], [], [])
    return await _explained(asking, found, asked.version)


async def _explained(asking: Asking, found: Explanation, version: int) -> ExplanationRow:
    considered = [ConsideredRow(grant_row(one.grant), one.outcome, one.missing) for one in found.considered]
    rows = await asyncio.gather(*(assignments.by_id(asking, AssignmentId(one.id)) for one in found.passed_over))
    givers = [
        programs.role(asking, one.program, one.role, asking.years.current.get(one.program)) for one in found.givers
    ]
    return ExplanationRow(
        decision_row(asking, found.decision, version),
        considered,
        [row for row in rows if row is not None],
        [row for row in givers if row is not None],
    )
