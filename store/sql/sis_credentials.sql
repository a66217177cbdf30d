-- SIS credentials: one client for each LEA's student information system.

-- name: revoke
update sis_credentials set revoked_at = $2 where organization_id = $1 and revoked_at is null returning id

-- name: issue
insert into sis_credentials (id, organization_id, client_id, secret_hash, issued_by, issued_under, issued_at, expires_on)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: by_id
select id, organization_id, client_id, issued_by, issued_at, expires_on, revoked_at from sis_credentials where id = $1

-- name: of_organizations
select id, organization_id, client_id, issued_by, issued_at, expires_on, revoked_at from sis_credentials
where organization_id = any($1::uuid[]) and revoked_at is null

-- name: client
select c.secret_hash, c.expires_on, o.level, o.code,
    (select s.resource_uri from systems s where s.code = $2) as resource
from sis_credentials c
join organizations o on o.id = c.organization_id
where c.client_id = $1 and c.revoked_at is null and o.active

-- name: expiring
select c.id, c.organization_id, c.expires_on, c.issued_by, n.sent
from sis_credentials c
cross join lateral (
    select coalesce(array_agg(e.days), '{}') as sent from expiry_notices e where e.kind = 'sis' and e.subject_id = c.id) n
where c.revoked_at is null and c.expires_on between $1 and $2
order by c.id

-- name: holders
-- Those of an LEA who hold one of the roles there today with an active account.
select distinct a.user_id
from role_assignments a join users u on u.id = a.user_id and u.status = 'active'
join jsonb_to_recordset($2) as w (program text, school_year text, role text)
    on w.program = a.program and w.school_year = a.school_year and w.role = a.role
where a.organization_id = $1 and a.status = 'active' and (a.last_day is null or a.last_day >= $3)
order by a.user_id
