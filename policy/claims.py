"""What a token says: a person's grants in a relying party's systems as RFC 9396 `authorization_details`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from policy.facts import Organization
from policy.grant import Access, ActiveRole, Grant
from policy.ids import System, system_of
from policy.pack import Reach, RosterHolder

DETAILS_TYPE = "assessment_access"

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One entry before it is written as JSON. Never merged over programs, years or kinds of assessment."""

    location: str
    program: str
    school_year: str
    reach: str
    assessments: tuple[str, ...]
    reports: tuple[str, ...]
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    actions: tuple[str, ...]
    organizations: tuple[str, ...]

    def json(self) -> dict[str, Json]:
        """The entry as an RFC 9396 object; members that narrow nothing are left out."""
        optional: dict[str, tuple[str, ...]] = {
            "assessments": self.assessments,
            "reports": self.reports,
            "roles": self.roles,
            "groups": self.groups,
        }
        body: dict[str, Json] = {
            "type": DETAILS_TYPE,
            "locations": [self.location],
            "actions": list(self.actions),
            "program": self.program,
        }
        if self.school_year:
            body["school_year"] = self.school_year
        body |= {name: list(values) for name, values in optional.items() if values}
        return body | {"reach": self.reach, "organizations": list(self.organizations)}


def entries(access: Access, resources: Mapping[System, str]) -> tuple[Entry, ...]:
    """The person's current grants in the systems whose resource URIs are given; equal but for organizations are one."""
    organizations: dict[Entry, set[str]] = {}
    for grant in access.grants:
        location = resources.get(system_of(grant.permission))
        if location is not None and grant.current:
            organizations.setdefault(_bare(grant, location), set()).add(reference(grant.organization))
    actions: dict[tuple[Entry, tuple[str, ...]], set[str]] = {}
    for bare, where in organizations.items():
        key = (replace(bare, actions=()), tuple(sorted(where)))
        actions.setdefault(key, set()).update(bare.actions)
    return tuple(
        sorted(
            replace(bare, actions=tuple(sorted(what)), organizations=where) for (bare, where), what in actions.items()
        )
    )


def authorization_details(access: Access, resources: Mapping[System, str]) -> list[Json]:
    """`entries` as JSON objects, sorted."""
    return [entry.json() for entry in entries(access, resources)]


def active_role_claim(active: ActiveRole, organizations: Iterable[Organization]) -> dict[str, Json]:
    """The active role with every organization where the person holds it (S1-20)."""
    claim: dict[str, Json] = {"program": active.program, "role": active.role}
    if active.school_year is not None:
        claim["school_year"] = active.school_year
    return claim | {"organizations": [*sorted({reference(one) for one in organizations})]}


def held_at(access: Access, active: ActiveRole) -> tuple[Organization, ...]:
    """The organizations where the active role is held and counts."""
    return tuple(
        one.organization
        for one in access.effective
        if ActiveRole(one.program, one.role, one.school_year or None) == active
    )


def reference(organization: Organization) -> str:
    """`level:code`: a code alone may name both a direct-funded charter's LEA and its school."""
    return f"{organization.level}:{organization.code}"


def _bare(grant: Grant, location: str) -> Entry:
    by_group = grant.reach is Reach.ROSTER and grant.rosters is RosterHolder.GATEWAY
    return Entry(
        location=location,
        program=grant.program,
        school_year=grant.school_year or "",
        reach=grant.reach,
        assessments=tuple(sorted(grant.assessments)),
        reports=tuple(sorted(grant.reports)),
        roles=tuple(sorted(grant.about_roles)),
        groups=tuple(sorted(str(group) for group in grant.groups)) if by_group else (),
        actions=(grant.permission.partition(":")[2],),
        organizations=(),
    )
