-- Who may have been able to see an organization between two moments, and when something of that may have changed.

-- name: places
-- The organization with those above it, at any moment between.
with mine as (
    select organization_id, lea_id, parent_id from organization_history
    where organization_id = any($1::uuid[]) and valid_from <= $3 and (valid_to is null or valid_to > $2))
select organization_id as id from mine
union select lea_id from mine where lea_id is not null
union select id from organizations where level = 'state'

-- name: candidates
select user_id, bool_or(derived) as derived from (
    select user_id, origin = 'directory' as derived from role_assignments
    where organization_id = any($1::uuid[]) and known_since <= $3
    union all
    select user_id, origin = 'directory' from role_assignment_history
    where organization_id = any($1::uuid[]) and valid_from <= $3 and valid_to > $2) held
group by user_id
order by user_id
limit $4

-- name: moments
-- Per person; without one, for everybody. `day`: from the day after it, in the state's time zone.
select at, day, user_id, kind from (
    select known_since as at, null::date as day, user_id, 'role' as kind from role_assignments
    where user_id = any($1::uuid[])
    union all select valid_from, null, user_id, 'role' from role_assignment_history where user_id = any($1::uuid[])
    union all select valid_to, null, user_id, 'role' from role_assignment_history where user_id = any($1::uuid[])
    union all select null, last_day, user_id, 'role' from role_assignments
    where user_id = any($1::uuid[]) and last_day is not null
    union all select null, last_day, user_id, 'role' from role_assignment_history
    where user_id = any($1::uuid[]) and last_day is not null
    union all select created_at, null, id, 'person' from users where id = any($1::uuid[])
    union all select status_since, null, id, 'person' from users where id = any($1::uuid[])
    union all select valid_to, null, user_id, 'person' from user_status_history where user_id = any($1::uuid[])
    union all select known_since, null, user_id, 'person' from signed_forms where user_id = any($1::uuid[])
    union all select unnest(array[valid_from, valid_to]), null, user_id, 'person' from signed_form_history
    where user_id = any($1::uuid[])
    union all select known_since, expires_on, user_id, 'person' from credentials where user_id = any($1::uuid[])
    union all select unnest(array[valid_from, valid_to]), expires_on, user_id, 'person' from credential_history
    where user_id = any($1::uuid[])
    union all select known_since, null, user_id, 'person' from student_group_users where user_id = any($1::uuid[])
    union all select unnest(array[valid_from, valid_to]), null, user_id, 'person' from student_group_user_history
    where user_id = any($1::uuid[])
    union all select unnest(array[valid_from, valid_to]), null, null, 'place' from organization_history
    where organization_id = any($2::uuid[])
    union all select unnest(array[opened_at, current_at, closed_at]), null, null, 'year' from school_years
    union all select loaded_at, null, null, 'pack' from packs
    union all select unnest(array[valid_from, valid_to]), null, null, 'pack' from pack_history
    union all select known_since, null, null, 'place' from student_groups where id = any($5::uuid[])
    union all select unnest(array[valid_from, valid_to]), null, null, 'place' from student_group_history
    where id = any($5::uuid[])
    union all select known_since, null, null, 'place' from student_group_members where member_key = $6
    union all select unnest(array[valid_from, valid_to]), null, null, 'place' from student_group_member_history
    where member_key = $6) found
where (at > $3 and at <= $4) or day is not null

-- name: roles
-- The assignments as they were last.
select distinct on (a.id) a.id, a.user_id, a.program, a.role, a.school_year, a.organization_id, o.level, o.lea_id, o.code,
    o.name, nullif(u.first_name || ' ' || u.last_name, ' ') as person_name
from (
    select id, user_id, program, role, school_year, organization_id, 'infinity'::timestamptz as until
    from role_assignments where id = any($1::uuid[])
    union all
    select id, user_id, program, role, school_year, organization_id, valid_to from role_assignment_history
    where id = any($1::uuid[])) a
join organizations o on o.id = a.organization_id
left join users u on u.id = a.user_id
order by a.id, a.until desc
