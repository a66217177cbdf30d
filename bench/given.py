"""Which assignments a relying party is told of, as a condition that a bare server would have written by hand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from store.own_systems import OwnSystems, RoleGives

_Kind = tuple[str, str, tuple[str, ...], tuple[str, ...], bool, bool]
"""Program, school year, levels, forms, credential, roster."""


def gives_condition(own: OwnSystems) -> str:
    """Whether the assignment `{a}` at the organization `{o}` gives an active person something in the systems today."""
    kinds: defaultdict[_Kind, list[str]] = defaultdict(list)
    for rule in own.rules:
        kinds[_kind(rule)].append(rule.role)
    ways = "\n        or ".join(_way(kind, roles, own.today) for kind, roles in sorted(kinds.items()))
    return f"""{{a}}.status = 'active' and ({{a}}.last_day is null or {{a}}.last_day >= date '{own.today}')
    and {{o}}.active and ({ways})"""


def _kind(rule: RoleGives) -> _Kind:
    return str(rule.program), rule.school_year, rule.levels, tuple(sorted(rule.forms)), rule.credential, rule.roster


def _way(kind: _Kind, roles: Iterable[str], today: date) -> str:
    program, school_year, levels, forms, credential, roster = kind
    conditions = [
        f"{{a}}.program = '{program}' and {{a}}.school_year = '{school_year}' and {{a}}.role in ({_texts(roles)})",
        f"{{o}}.level in ({_texts(levels)})",
        *_steps(forms, today if credential else None),
    ]
    if roster:
        conditions.append(
            "exists (select from student_group_users gu join student_groups sg on sg.id = gu.group_id "
            "where gu.user_id = {a}.user_id and sg.school_year = {a}.school_year "
            "and case {o}.level when 'lea' then sg.lea_id = {o}.id else sg.organization_id = {o}.id end)"
        )
    return f"({' and '.join(conditions)})"


def _steps(forms: tuple[str, ...], credential_on: date | None) -> Iterator[str]:
    """What the person must have done before the role counts."""
    if forms:
        yield (
            f"{len(forms)} = (select count(*) from signed_forms sf where sf.user_id = {{a}}.user_id "
            f"and sf.program = {{a}}.program and sf.school_year = {{a}}.school_year and sf.form in ({_texts(forms)}))"
        )
    if credential_on is not None:
        yield (
            "exists (select from credentials sc where sc.user_id = {a}.user_id and sc.lea_id = {o}.lea_id "
            f"and sc.expires_on >= date '{credential_on}')"
        )


def _texts(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(values))
