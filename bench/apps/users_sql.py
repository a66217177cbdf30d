"""The statements of the servers that Hallpass's list of users is measured beside; written anew, as it would be there.

$1 LEA, $2 program, $3 school year.
"""

_PAGE = """
    select distinct a.name_key, a.user_id
    from role_assignments a
    where a.lea_id = $1 and a.program = $2 and a.school_year = $3 and a.status <> 'expired'
    order by a.name_key, a.user_id
    limit $4
"""

ONE_STATEMENT = f"""
select u.id::text, u.first_name, u.last_name, u.email, a.id::text as assignment, a.program, a.school_year, a.role,
    a.status, o.id::text as organization, o.code, o.name, o.level
from ({_PAGE}) p
join users u on u.id = p.user_id
join role_assignments a on a.user_id = u.id
    and (a.user_id = $5 or (a.lea_id = $1 and a.program = $2 and a.school_year = $3))
join organizations o on o.id = a.organization_id
order by p.name_key, p.user_id, a.program, a.school_year, a.organization_id, a.role
"""
"""Everything in flat rows, one per assignment. $4 how many users, $5 the coordinator, who sees all of her own roles."""

USERS = f"""
select u.id, u.first_name, u.last_name, u.email
from ({_PAGE}) p join users u on u.id = p.user_id
order by p.name_key, p.user_id
"""
"""The first of three. $4 how many users."""

ASSIGNMENTS = """
select a.id, a.user_id, a.program, a.school_year, a.role, a.status, a.organization_id
from role_assignments a
where a.user_id = any($4) and (a.user_id = $5 or (a.lea_id = $1 and a.program = $2 and a.school_year = $3))
order by a.program, a.school_year, a.organization_id, a.role
"""
"""The second, by a DataLoader. $4 users, $5 the coordinator."""

ORGANIZATIONS = "select o.id, o.code, o.name, o.level from organizations o where o.id = any($1)"
"""The third, by a DataLoader."""
