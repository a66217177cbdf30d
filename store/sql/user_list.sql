-- The list of users as a file that can be sent again.

-- name: lines
select u.id, u.first_name, u.last_name, o.code, u.email, u.phone, a.role, a.status, u.status as user_status,
    o.id as organization_id, o.level, o.lea_id, o.name as organization
from role_assignments a
join users u on u.id = a.user_id
join organizations o on o.id = a.organization_id
where a.program = $1 and a.school_year = $2 and ($3::text is null or a.lea_id = (
    select id from organizations where level = 'lea' and code = $3)) and u.status <> 'deleted'
order by a.name_key, a.user_id, o.code, a.role
