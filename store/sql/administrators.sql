-- The state's own root: who holds its highest role.

-- name: lock
select pg_advisory_xact_lock(hashtext('hallpass.administrators'));

-- name: holders
select distinct u.id, u.status
from role_assignments a
join users u on u.id = a.user_id
where a.program = $1 and a.role = $2 and a.status = 'active' and u.status <> 'deleted'
order by u.id;

-- name: state
select id from organizations where level = 'state';
