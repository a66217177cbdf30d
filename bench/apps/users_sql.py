"""The statements of the servers that Hallpass's list of users is measured beside; written anew, as it would be there.

Each takes $1 LEA, $2 program, $3 school year. `gives`: the further condition of a relying party's token on an
assignment `{a}`; empty in a session.
"""

ROLE_LABEL = "$6::jsonb ->> concat_ws('/', a.program, a.school_year, a.role)"


def page(gives: str, limit: str = "limit $4") -> str:
    """The users of the page by name. $4 how many."""
    concerned = _condition(gives, "sa")
    of_own_systems = (
        f"and exists (select from role_assignments sa where sa.user_id = a.user_id {concerned})" if gives else ""
    )
    return f"""
    select distinct a.name_key, a.user_id
    from role_assignments a
    where a.lea_id = $1 and a.program = $2 and a.school_year = $3 and a.status <> 'expired' {of_own_systems}
    order by a.name_key, a.user_id
    {limit}"""


def shown(gives: str) -> str:
    """Which assignments `a` of those users are shown. $5 the coordinator, who sees her own of every year."""
    return f"""(a.user_id = $5 or (a.lea_id = $1 and a.program = $2 and a.school_year = $3)) {_condition(gives, "a")}"""


def rows_statement(gives: str) -> str:
    """Everything in flat rows, one per assignment. $4 how many users, $5 the coordinator."""
    return f"""
select u.id::text, u.first_name, u.last_name, u.email, a.id::text as assignment, a.program, a.school_year, a.role,
    a.status, o.id::text as organization, o.code, o.name, o.level
from ({page(gives)}) p
join users u on u.id = p.user_id
join role_assignments a on a.user_id = u.id and {shown(gives)}
join organizations o on o.id = a.organization_id
order by p.name_key, p.user_id, a.program, a.school_year, a.organization_id, a.role
"""


def json_statement(gives: str) -> str:
    """The whole answer as one text. $4 how many users, $5 the coordinator, $6 the labels of roles."""
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
            'role', json_build_object('code', a.role, 'label', {ROLE_LABEL}),
            'schoolYear', nullif(a.school_year, ''),
            'status', upper(a.status),
            'organization', json_build_object('id', o.id, 'code', o.code, 'name', o.name, 'level', upper(o.level))))
        order by a.program, a.school_year, a.organization_id, a.role) as edges
    from role_assignments a join organizations o on o.id = a.organization_id
    where a.user_id = u.id and {shown(gives)}) s on true
"""


def users_statement(gives: str) -> str:
    """The first of three. $4 how many users."""
    return f"""
select u.id, u.first_name, u.last_name, u.email
from ({page(gives)}) p join users u on u.id = p.user_id
order by p.name_key, p.user_id
"""


def assignments_statement(gives: str) -> str:
    """The second, by a DataLoader. $4 users, $5 the coordinator."""
    return f"""
select a.id, a.user_id, a.program, a.school_year, a.role, a.status, a.organization_id
from role_assignments a
where a.user_id = any($4) and {shown(gives)}
order by a.program, a.school_year, a.organization_id, a.role
"""


ORGANIZATIONS = "select o.id, o.code, o.name, o.level from organizations o where o.id = any($1)"
"""The third, by a DataLoader."""


def _condition(gives: str, a: str) -> str:
    return f"and {gives.replace('{a}', a)}" if gives else ""
