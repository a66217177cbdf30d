-- Coordinators of one LEA, program and year, and who is primary among them.

-- name: holders
select a.id, a.user_id, a.assigned_at, a."primary", a.status, u.status as user_status
from role_assignments a
join users u on u.id = a.user_id
where a.lea_id = $1 and a.program = $2 and a.school_year = $3 and a.role = any($4::text[]) and a.status <> 'expired'
  and (a.last_day is null or a.last_day >= $5)
order by a.assigned_at, a.id

-- name: unset_primary
update role_assignments set "primary" = false, version = version + 1
where lea_id = $1 and program = $2 and school_year = $3 and role = $4 and "primary"
returning id, user_id

-- name: set_primary
update role_assignments set "primary" = true, version = version + 1 where id = $1 and status = 'active'
returning user_id
