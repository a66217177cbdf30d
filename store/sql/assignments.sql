-- Role assignments: what is no list.

-- name: insert
insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status,
    "primary", origin, assigned_by, assigned_under, assigned_at, last_day)
select $1, u.id, $3, $4, $5, o.id, o.lea_id, u.name_key, 'active', $7, $8, $9, $10, $11, $12
from users u, organizations o
where u.id = $2 and o.id = $6

-- name: delete
delete from role_assignments where id = any($1::uuid[]) returning user_id

-- name: set_last_day
update role_assignments set last_day = $2, version = version + 1 where id = $1
