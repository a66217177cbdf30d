-- Roles that student information systems suggest: taken in set by set, listed, decided on, forgotten.

-- name: known
select id, organization_id, person_key, role, state, source_role, email, first_name, last_name, phone, seen_on
from role_suggestions where organization_id = any($1::uuid[]) and program = $2 and school_year = $3

-- name: holders
select distinct a.organization_id, u.email_key
from role_assignments a join users u on u.id = a.user_id
where a.organization_id = any($1::uuid[]) and a.program = $2 and a.school_year = $3 and a.status <> 'expired'
  and u.email_key is not null

-- name: renew
-- Whoever decides on one at this moment is before it: what she has decided stays.
update role_suggestions r
set state = 'open', source_role = s.source_role, source_row = s.source_row, email = s.email, email_key = s.email_key,
    first_name = s.first_name, last_name = s.last_name, name_key = s.name_key, phone = s.phone, sent_by = $10,
    sent_at = $11, seen_on = $12, decided_by = null, decided_at = null
from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    as s (id, source_role, source_row, email, email_key, first_name, last_name, name_key, phone)
where r.id = s.id and r.state in ('open', 'superseded')

-- name: see
update role_suggestions set seen_on = $2 where id = any($1::uuid[])

-- name: supersede
update role_suggestions
set state = 'superseded', email = null, email_key = null, first_name = null, last_name = null, name_key = '',
    phone = null, decided_by = $2, decided_at = $3
where id = any($1::uuid[]) and state = 'open'

-- name: count
select count(*) from (
    select from role_suggestions
    where organization_id = any($1::uuid[]) and program = $2 and school_year = $3 and state = $4 limit $5) found

-- name: accept
update role_suggestions s
set state = 'accepted', email = null, email_key = null, first_name = null, last_name = null, name_key = '',
    phone = null, decided_by = $4, decided_at = $5, user_id = a.user_id, assignment_id = a.assignment_id
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as a (id, user_id, assignment_id)
where s.id = a.id

-- name: dismiss
update role_suggestions
set state = 'dismissed', email = null, email_key = null, first_name = null, last_name = null, name_key = '',
    phone = null, decided_by = $2, decided_at = $3
where id = any($1::uuid[])

-- name: organizations_of_lea
select o.id, o.level, o.code, o.name, o.lea_id, l.code as lea_code, o.active
from organizations o left join organizations l on l.id = o.lea_id
where o.lea_id = any($1::uuid[])

-- name: lock_leas
select from organizations where id = any($1::uuid[]) order by id for no key update

-- name: forget_old
delete from role_suggestions where seen_on < $1
