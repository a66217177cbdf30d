-- The state's own roles: roles of packs that are not tied to a year, held at the root of the tree.

-- name: held
select a.id, a.user_id, a.program, a.role, a.assigned_at, a.assigned_by, u.status, c.confirmed_at, c.confirmed_by
from role_assignments a
join users u on u.id = a.user_id and u.status <> 'deleted'
left join state_role_confirmations c on c.assignment_id = a.id
where a.program = any($1::text[]) and a.school_year = '' and a.status = 'active'
order by a.role, a.name_key, a.user_id limit 200

-- name: clear_expired
delete from role_assignments
where user_id = $1 and program = $2 and role = $3 and school_year = '' and status = 'expired'

-- name: of_person
select id from role_assignments
where user_id = $1 and program = $2 and role = $3 and school_year = '' and status = 'active' for update

-- name: by_id
select id, user_id, program, role from role_assignments
where id = $1 and program = any($2::text[]) and school_year = '' and status = 'active' for update

-- name: confirm
insert into state_role_confirmations (assignment_id, confirmed_at, confirmed_by) values ($1, $2, $3)
on conflict (assignment_id) do update set confirmed_at = $2, confirmed_by = $3, noticed_at = null

-- name: due
select a.id, a.user_id, a.program, a.role, coalesce(c.confirmed_at, a.assigned_at) as since, c.noticed_at
from role_assignments a left join state_role_confirmations c on c.assignment_id = a.id
where a.program = any($1::text[]) and a.school_year = '' and a.status = 'active'
  and coalesce(c.confirmed_at, a.assigned_at) < $2
order by a.assigned_at, a.id
for update of a

-- name: noticed
insert into state_role_confirmations (assignment_id, noticed_at) values ($1, $2)
on conflict (assignment_id) do update set noticed_at = $2

-- name: expire
update role_assignments set status = 'expired', version = version + 1 where id = any($1::uuid[]) returning user_id
