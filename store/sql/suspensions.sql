-- Suspensions: over a whole account or over single assignments; a lifted one stays as it was.

-- name: suspend_account
with one as (
    select id, status from users where id = $2 and status in ('invited', 'active', 'inactive')
), changed as (
    update users u set status = 'suspended', version = u.version + 1 from one where u.id = one.id
)
insert into suspensions (id, user_id, comment, author_id, author_program, author_role, author_primary, author_year,
    author_organization_id, why, suspended_at, prior_status)
select $1, one.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, one.status from one
returning true

-- name: suspend_assignment
with changed as (
    update role_assignments set status = 'suspended' where id = $2 and status = 'active' returning id, user_id
)
insert into suspensions (id, user_id, assignment_id, comment, author_id, author_program, author_role, author_primary,
    author_year, author_organization_id, why, suspended_at)
select $1, changed.user_id, changed.id, $3, $4, $5, $6, $7, $8, $9, $10, $11 from changed
returning true

-- name: open_of_users
select s.id, s.user_id, s.assignment_id, s.comment, s.author_id, s.author_program, s.author_role, s.author_primary,
    s.author_year, s.author_organization_id, s.why, s.suspended_at, o.level, o.code, o.name, o.lea_id, o.active
from suspensions s
left join organizations o on o.id = s.author_organization_id
where s.user_id = any($1::uuid[]) and s.lifted_at is null
order by s.suspended_at, s.id

-- name: lift_account
with lifted as (
    update suspensions set lifted_at = $2, lifted_by = $3
    where user_id = $1 and assignment_id is null and lifted_at is null
    returning user_id, prior_status
)
update users u set version = u.version + 1, status = case
    when lifted.prior_status <> 'active' then lifted.prior_status
    when exists (select from role_assignments a where a.user_id = u.id and a.status <> 'expired') then 'active'
    else 'inactive' end
from lifted where u.id = lifted.user_id and u.status = 'suspended'
returning u.status

-- name: lift_assignment
with lifted as (
    update suspensions set lifted_at = $2, lifted_by = $3
    where assignment_id = $1 and lifted_at is null
)
update role_assignments a set status = 'active', "primary" = a."primary" and not exists (
    select from role_assignments other
    where other.lea_id = a.lea_id and other.program = a.program and other.school_year = a.school_year
        and other."primary" and other.status = 'active' and other.id <> a.id)
where a.id = $1 and a.status = 'suspended'
returning true
