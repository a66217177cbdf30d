"""Searches for actions and resources: what an evaluation would allow, found without asking about everything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from policy.access import RowFilter
from policy.caller import PersonCaller, SystemCaller
from policy.decide import Decision, Question, SystemTarget, asked_grants
from policy.grant import Grant
from policy.ids import GroupId, Permission, System, UserId, system_of
from policy.pack import Reach
from policy.reach import Visible, visible
from policy.reasons import Reason
from resolvers.decision_facts import Asker, told_of
from resolvers.decisions import Judge
from resolvers.questions import CheckAsked
from store.decision_searches import groups_within
from store.own_systems import OwnSystems, own_systems
from store.pages import PageRequest
from store.reached_ids import organizations_reached, users_reached

FIRST_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `next`: where the next one begins; None: there is none. `version`: of what the results rest on.

    `reason`: why nothing could be found at all, where that is not for want of results.
    """

    results: list[str]
    next: str | None
    version: int | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Granted:
    """The grants by which the subject may do what is asked, wherever they reach."""

    user: UserId
    grants: list[Grant]
    reach: Visible
    version: int


async def search_allowed(asker: Asker, checks: Mapping[str, CheckAsked], after: str, limit: int) -> Found:
    """The names whose checks are allowed, in their order; the checks name the same subject, place or person."""
    judge = Judge(asker, await told_of(asker, list(checks.values())[:1]))
    judged = {name: judge.judged(check) for name, check in checks.items()}
    allowed = sorted(name for name, one in judged.items() if one.decision.allowed and name > after)
    version = next((one.version for one in judged.values() if one.version is not None), None)
    reasons = {one.decision.reason for one in judged.values()}
    reason = next(iter(reasons)) if len(reasons) == 1 and version is None else None
    return Found(allowed[:limit], allowed[limit - 1] if len(allowed) > limit else None, version, reason)


async def search_organizations(asker: Asker, check: CheckAsked, after: str, limit: int) -> Found:
    """Organizations where the subject may do it, by name."""
    granted = await _granted(asker, check)
    if isinstance(granted, Found):
        return granted
    reach, request = Visible(granted.reach.ranges), PageRequest(limit, after or None)
    page = await asker.reads.run(partial(organizations_reached, request=request, visible=reach))
    return Found([str(one) for one in page.rows], page.cursors[-1] if page.has_next else None, granted.version)


async def search_groups(asker: Asker, check: CheckAsked, after: str, limit: int) -> Found:
    """Student groups with which the subject may do it, by id."""
    granted = await _granted(asker, check)
    if isinstance(granted, Found):
        return granted
    behind = UUID(after) if after else FIRST_ID
    found: list[GroupId] = await asker.reads.run(
        partial(groups_within, visible=granted.reach, after=behind, limit=limit + 1)
    )
    position = str(found[limit - 1]) if len(found) > limit else None
    return Found([str(one) for one in found[:limit]], position, granted.version)


async def search_people(asker: Asker, check: CheckAsked, after: str, limit: int) -> Found:
    """People to whom the subject may do it, by name; a system finds those alone who have something in it, a person by
    another's reach those alone whom she sees: such a page may be shorter than `limit`.
    """
    granted = await _granted(asker, check)
    if isinstance(granted, Found):
        return granted
    herself = granted.user if any(grant.reach is Reach.SELF for grant in granted.grants) else None
    cut = asker.caller.systems if isinstance(asker.caller, SystemCaller) else None
    rows, request = RowFilter(Visible(granted.reach.ranges), herself, cut), PageRequest(limit, after or None)
    own = None if cut is None else own_rules(asker, cut)
    page = await asker.reads.run(partial(users_reached, request=request, rows=rows, own=own))
    found = list(page.rows)
    if isinstance(asker.caller, PersonCaller) and asker.caller.user != granted.user:
        found = await _allowed_to(asker, check, found)
    return Found([str(one) for one in found], page.cursors[-1] if page.has_next else None, granted.version)


async def _allowed_to(asker: Asker, check: CheckAsked, people: list[UserId]) -> list[UserId]:
    """Those of another's people whom the asker sees as well, each judged for herself."""
    checks = [replace(check, target_user=user) for user in people]
    judge = Judge(asker, await told_of(asker, checks))
    return [user for user, one in zip(people, checks, strict=True) if judge.judged(one).decision.allowed]


def own_rules(asker: Asker, systems: frozenset[System]) -> OwnSystems:
    """Who has something in the systems now, as the store finds them."""
    in_force = asker.in_force
    return own_systems(systems, in_force.packs, in_force.years, in_force.today)


async def _granted(asker: Asker, check: CheckAsked) -> _Granted | Found:
    """The subject's grants, or the empty page that says why there are none to be told of."""
    judge = Judge(asker, await told_of(asker, [replace(check, organization=None, targets=("system",))]))
    subject = judge.subject(check)
    if isinstance(subject, Decision):
        return Found([], None, None, subject.reason)
    permission = check.permission or Permission("")
    question = Question(
        permission,
        SystemTarget(system_of(permission)),
        check.program,
        check.school_year,
        check.assessment,
        check.report,
    )
    grants = asked_grants(subject.access, question)
    reach = visible(grants, permission, check.assessment, check.report)
    return _Granted(subject.access.user, grants, reach, subject.version)
