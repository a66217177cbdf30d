-- The organization directory: what is stored of it, and what an import changes.

-- name: lock
select pg_advisory_xact_lock(hashtext('hallpass.directory'))

-- name: organizations
select id, level, code, name, parent_id, funding, active from organizations

-- name: heads
select a.id, a.organization_id, a.program, a.role, a.school_year, u.email_key
from unnest($1::text[], $2::text[], $3::text[]) as d (program, role, school_year)
join role_assignments a on a.program = d.program and a.role = d.role and a.school_year = d.school_year
join users u on u.id = a.user_id
where a.status <> 'expired'

-- name: users
select id, email_key, first_name, last_name, status from users where email_key = any($1::text[])

-- name: add_organizations
insert into organizations (id, level, code, name, name_key, funding, active, parent_id, lea_id)
select n.id, n.level, n.code, n.name, n.name_key, n.funding, n.active,
    case n.level when 'state' then null when 'lea' then s.id else l.id end,
    case n.level when 'state' then null when 'lea' then n.id else l.id end
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[])
    as n (id, level, code, name, name_key, funding, active, parent)
left join organizations s on s.level = 'state'
left join organizations l on l.level = 'lea' and l.code = n.parent

-- name: change_organizations
update organizations o
set code = n.code, name = n.name, name_key = n.name_key, funding = n.funding, active = n.active,
    parent_id = case o.level when 'school' then l.id else o.parent_id end,
    lea_id = case o.level when 'school' then l.id else o.lea_id end,
    version = o.version + 1
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[])
    as n (id, level, code, name, name_key, funding, active, parent)
left join organizations l on l.level = 'lea' and l.code = n.parent
where o.id = n.id

-- name: end_codes
update organization_codes c set valid_to = $2::date - 1
from organizations o
where o.id = c.organization_id and o.id = any($1::uuid[]) and c.valid_to is null and c.valid_from < $2
  and c.code <> o.code

-- name: begin_codes
insert into organization_codes (organization_id, level, code, valid_from)
select o.id, o.level, o.code, $2::date from organizations o
where o.id = any($1::uuid[]) and not exists (
    select from organization_codes c
    where c.organization_id = o.id and c.valid_to is null and c.code = o.code)
on conflict (organization_id, valid_from) do update set code = excluded.code, valid_to = null

-- name: move_assignments
update role_assignments a set lea_id = o.lea_id from organizations o
where o.id = a.organization_id and o.id = any($1::uuid[]) and a.lea_id is distinct from o.lea_id

-- name: move_groups
update student_groups g set lea_id = o.lea_id from organizations o
where o.id = g.organization_id and o.id = any($1::uuid[]) and g.lea_id is distinct from o.lea_id

-- name: close
update organizations set active = false, version = version + 1 where id = any($1::uuid[])

-- name: end_heads
delete from role_assignments where id = any($1::uuid[]) returning user_id

-- name: add_users
insert into users (id, email, email_key, first_name, last_name, name_key, status)
select n.*, 'invited'
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    as n (id, email, email_key, first_name, last_name, name_key)
returning id

-- name: add_heads
insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status,
    origin, assigned_at)
select n.id, u.id, n.program, n.role, n.school_year, o.id, o.lea_id, u.name_key, 'active', 'directory', $7
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    as n (id, lea_code, email_key, program, role, school_year)
join organizations o on o.level = 'lea' and o.code = n.lea_code
join users u on u.email_key = n.email_key
on conflict (user_id, program, school_year, organization_id, role) do nothing

-- name: bring_back
-- A new role reactivates who is merely inactive.
update users set status = case when password_hash is null then 'invited' else 'active' end, version = version + 1
where email_key = any($1::text[]) and status = 'inactive'
returning id, status

-- name: retire
-- Whoever has no current or upcoming assignment left is inactive.
with retired as (
    update users u set status = 'inactive', version = version + 1
where u.id = any($1::uuid[]) and u.status in ('active', 'invited') and not exists (
    select from role_assignments a
    where a.user_id = u.id and a.status <> 'expired' and (a.school_year = '' or exists (
        select from school_years y
        where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming'))))
    returning u.id
)
select id from retired

-- name: record_import
insert into directory_imports (id, digest, applied_at, operator_reason, actor_id, report)
values ($1, $2, $3, $4, $5, $6)
