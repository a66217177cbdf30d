"""The statements of the servers that Hallpass's list of users is measured beside; written anew, as it would be there.

Each takes $1 LEA, $2 program, $3 school year, and most $4 the coordinator. `gives`: what a relying party's token adds,
a condition on an assignment `{a}` of an active person at an organization `{o}`; empty in a session.
"""

from bench.sight import PAGE

_LIMIT = f"limit {PAGE}"
_LABEL = "$5::jsonb ->> concat_ws('/', a.program, a.school_year, a.role)"


def page(gives: str, limit: str = _LIMIT) -> str:
    """The users of the page by name."""
    return f"""
    select distinct a.name_key, a.user_id
    from role_assignments a
    where a.lea_id = $1 and a.program = $2 and a.school_year = $3 and a.status <> 'expired' {_told_of(gives)}
    order by a.name_key, a.user_id
    {limit}"""


def _told_of(gives: str) -> str:
    """Only people with an assignment of the relying party's; not as a join, so that the limit ends the scan."""
    if not gives:
        return ""
    return f"""and coalesce(exists (
        select from users su
        join role_assignments sa on sa.user_id = su.id
        join organizations so on so.id = sa.organization_id
        where su.id = a.user_id and su.status = 'active' and {_of(gives, "sa", "so")}), false)"""


def shown(gives: str) -> str:
    """Which assignments `a` at `o` of those users are shown. $4, the coordinator, sees her own of every year."""
    theirs = "(a.user_id = $4 or (a.lea_id = $1 and a.program = $2 and a.school_year = $3))"
    return f"{theirs} and {_of(gives, 'a', 'o')}" if gives else theirs


def rows_statement(gives: str) -> str:
    """Everything in flat rows, one per assignment."""
    return f"""
select u.id::text, u.first_name, u.last_name, u.email, a.id::text as assignment, a.program, a.school_year, a.role,
    a.status, o.id::text as organization, o.code, o.name, o.level
from ({page(gives)}) p
join users u on u.id = p.user_id
join role_assignments a on a.user_id = u.id
join organizations o on o.id = a.organization_id and {shown(gives)}
order by p.name_key, p.user_id, a.program, a.school_year, a.organization_id, a.role
"""


def json_statement(gives: str) -> str:
    """The whole answer as one text. $5 the labels of roles."""
    return f"""
select json_build_object('data', json_build_object('users', json_build_object('edges', json_agg(
    json_build_object('node', json_build_object(
        'id', u.id, 'firstName', u.first_name, 'lastName', u.last_name, 'email', u.email,
        'assignments', json_build_object('edges', coalesce(s.edges, '[]'::json))))
    order by p.name_key, p.user_id))))::text
from ({page(gives)}) p
join users u on u.id = p.user_id
left join lateral (
    select json_agg(json_build_object('node', json_build_object(
            'id', a.id,
            'role', json_build_object('code', a.role, 'label', {_LABEL}),
            'schoolYear', nullif(a.school_year, ''),
            'status', upper(a.status),
            'organization', json_build_object('id', o.id, 'code', o.code, 'name', o.name, 'level', upper(o.level))))
        order by a.program, a.school_year, a.organization_id, a.role) as edges
    from role_assignments a join organizations o on o.id = a.organization_id
    where a.user_id = u.id and {shown(gives)}) s on true
"""


def users_statement(gives: str) -> str:
    """The first of three, without $4."""
    return f"""
select u.id, u.first_name, u.last_name, u.email
from ({page(gives)}) p join users u on u.id = p.user_id
order by p.name_key, p.user_id
"""


def assignments_statement(gives: str) -> str:
    """The second, by a DataLoader. $5 the users."""
    return f"""
select a.id, a.user_id, a.program, a.school_year, a.role, a.status, a.organization_id
from role_assignments a join organizations o on o.id = a.organization_id
where a.user_id = any($5) and {shown(gives)}
order by a.program, a.school_year, a.organization_id, a.role
"""


ORGANIZATIONS = "select o.id, o.code, o.name, o.level from organizations o where o.id = any($1)"
"""The third, by a DataLoader."""


def _of(gives: str, a: str, o: str) -> str:
    return gives.replace("{a}", a).replace("{o}", o)
