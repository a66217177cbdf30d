-- Applying a file that was judged: a constant number of statements, whatever its size. `$2` names kinds of rows.

-- name: alone
-- Files are applied one after the other: their locks for share don't hold each other up.
select pg_advisory_xact_lock(hashtext('hallpass.uploads'))

-- name: lock_users
-- For share: whoever changes their roles waits, but nobody who signs in (sign_in.sql).
select count(*) from (
    select from users
    where id in (select user_id from upload_found where upload_id = $1 and user_status is not null)
    order by id for share) locked

-- name: lock_organizations
select count(*) from (
    select from organizations
    where id in (select organization_id from upload_found where upload_id = $1)
    order by id for share) locked

-- name: remove
-- $3: which of what is held there, counted from 1, in $2's order.
delete from role_assignments a
using upload_found f join unnest($2::bigint[], $3::int[]) as k (kind, position) on k.kind = f.kind
where f.upload_id = $1 and a.id = f.held_ids[k.position]

-- name: create_users
insert into users (id, email, email_key, first_name, last_name, name_key, phone, status, created_at)
-- In the addresses' order: two files about the same new people wait for each other, and never in a circle.
select distinct on (f.email_key) f.user_id, f.email, f.email_key, f.first_name, f.last_name, f.name_key, f.phone,
    'invited', $3
from upload_found f
where f.upload_id = $1 and f.kind = any($2::bigint[]) and f.user_status is null
order by f.email_key, f.row_number

-- name: give
insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status,
    origin, assigned_by, assigned_under, assigned_at)
select f.assignment_id, f.user_id, u.program, f.role, u.school_year, f.organization_id, f.lea_id, f.name_key, 'active',
    case when u.uploaded_by is null then 'operator' else 'person' end, u.uploaded_by, k.under, $4
from upload_found f
join unnest($2::bigint[], $3::text[]) as k (kind, under) on k.kind = f.kind
join uploads u on u.id = f.upload_id
where f.upload_id = $1

-- name: reactivate
update users u set status = case when u.password_hash is null then 'invited' else 'active' end, version = u.version + 1
where u.status = 'inactive'
  and u.id in (select user_id from upload_found where upload_id = $1 and kind = any($2::bigint[]))

-- name: retire
-- Whoever has no current or upcoming assignment left is inactive.
update users u set status = 'inactive', version = u.version + 1
where u.status in ('active', 'invited')
  and u.id in (select user_id from upload_found where upload_id = $1 and kind = any($2::bigint[]))
  and not exists (
    select from role_assignments a
    where a.user_id = u.id and a.status <> 'expired' and (a.school_year = '' or exists (
        select from school_years y
        where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming'))))

-- name: audit
-- One event for each changed row: ids and codes. Whose name stood in which row is told by the file, which is kept.
with written as (
    insert into audit_events (actor_id, acting_under, operator_reason, action, outcome, target_type, target_id, before,
        after, request_id, subject_id, organization_id)
    select u.uploaded_by, case when u.uploaded_by is not null then u.program || '/' || k.under end, u.operator_reason,
        'applyUserUpload', 'allowed', 'role_assignment',
        case when k.outcome = 'removed' then f.held_ids[k.position] else f.assignment_id end::text,
        case when k.taken <> '' then jsonb_build_object('user', f.user_id, 'program', u.program,
            'school_year', u.school_year, 'organization', f.organization_id, 'assignment', f.held_ids[k.position],
            'roles', string_to_array(k.taken, ' ')) end,
        jsonb_build_object('upload', u.id, 'row', f.row_number, 'outcome', k.outcome, 'user', f.user_id)
            || case when k.outcome = 'removed' then '{}' else jsonb_build_object('program', u.program, 'role', f.role,
                'school_year', u.school_year, 'organization', f.organization_id, 'primary', false) end,
        u.request_id, f.user_id, f.organization_id
    from upload_found f
    join unnest($2::bigint[], $3::text[], $4::text[], $5::int[], $6::text[])
        as k (kind, under, outcome, position, taken) on k.kind = f.kind
    join uploads u on u.id = f.upload_id
    where f.upload_id = $1
    returning id
)
update uploads u set mails_after = w.first - 1, mails_until = w.last
from (select min(id) as first, max(id) as last from written) w
where u.id = $1

-- name: changed_users
select distinct user_id from upload_found where upload_id = $1 and kind = any($2::bigint[]) limit $3
