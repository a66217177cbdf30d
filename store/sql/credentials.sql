-- Credentials (licenses) of persons, each for one LEA.

-- name: record
insert into credentials (id, user_id, lea_id, number, expires_on, recorded_by, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: of_users
select c.id, c.user_id, c.lea_id, c.number, c.expires_on, c.recorded_by, c.recorded_at,
    (select array_agg(row(a.organization_id, o.level, a.lea_id, a.program, a.school_year, a.role) order by a.id)
     from role_assignments a join organizations o on o.id = a.organization_id
     where a.user_id = c.user_id and a.lea_id = c.lea_id and a.status <> 'expired') as held_at
from credentials c
where c.user_id = any($1::uuid[])
order by c.user_id, c.expires_on desc, c.id

-- name: by_id
select c.id, c.user_id, c.lea_id, c.number, c.expires_on, c.recorded_by, c.recorded_at,
    (select array_agg(row(a.organization_id, o.level, a.lea_id, a.program, a.school_year, a.role) order by a.id)
     from role_assignments a join organizations o on o.id = a.organization_id
     where a.user_id = c.user_id and a.lea_id = c.lea_id and a.status <> 'expired') as held_at
from credentials c
where c.id = $1

-- name: delete
delete from credentials where id = $1

-- name: delete_in_lea
delete from credentials where user_id = $1 and lea_id = $2 returning id, expires_on

-- name: expiring
-- Of those that a role needs today, and that no longer one in the same LEA stands for.
select c.id, c.user_id, c.lea_id, c.expires_on, n.sent
from credentials c
join users u on u.id = c.user_id and u.status in ('invited', 'active')
cross join lateral (
    select coalesce(array_agg(e.days), '{}') as sent from expiry_notices e where e.kind = 'credential' and e.subject_id = c.id) n
where c.expires_on between $1 and $2
  and not exists (
    select from credentials other
    where other.user_id = c.user_id and other.lea_id = c.lea_id
      and (other.expires_on, other.id) > (c.expires_on, c.id))
  and exists (
    select from role_assignments a
    join jsonb_to_recordset($3) as w (program text, school_year text, role text)
        on w.program = a.program and w.school_year = a.school_year and w.role = a.role
    where a.user_id = c.user_id and a.lea_id = c.lea_id and a.status = 'active')
order by c.id
