-- School years of each program: opened, closed, and what closing one means.

-- name: insert
insert into school_years (program, school_year, status, opened_at, current_at)
values ($1, $2, $3, now(), case $3 when 'current' then now() end)
on conflict do nothing
returning true;

-- name: of_program
select school_year, status from school_years where program = $1 order by school_year

-- name: lock
-- Whoever opens or closes a year waits here for whoever else does.
select pg_advisory_xact_lock(hashtext('hallpass.years'))

-- name: expiring
select count(*) from role_assignments where program = $1 and school_year = $2 and status <> 'expired'

-- name: rehearse
with counting as materialized (
    select program, school_year, status from school_years
    where status in ('current', 'upcoming') and (program, school_year) <> ($1, $2)
), people as materialized (
    select distinct user_id from role_assignments where program = $1 and school_year = $2 and status <> 'expired'
), carried as materialized (
    select user_id from role_assignments
    where program = $1 and school_year = $2 and role = any($4::text[]) and status <> 'expired' and origin = 'directory'
), idle as (
    select user_id from people
    except all
    (select a.user_id from counting c
     join role_assignments a on a.program = c.program and a.school_year = c.school_year and a.status <> 'expired'
     union
     select user_id from role_assignments where school_year = '' and status <> 'expired'
     union
     select user_id from carried)
)
select e.assignments, e.suspended,
    (select count(*) from people) as people,
    (select count(*) from (
        select user_id from people
        except all
        select distinct user_id from role_assignments
        where program = $1 and school_year = $3 and status <> 'expired') n) as without_next,
    (select count(*) from idle i join users u on u.id = i.user_id and u.status in ('active', 'invited')) as inactive,
    (select count(*) from role_assignments
     where program = $1 and school_year = $3 and status <> 'expired') as ahead,
    (select count(*) from carried) as carried,
    (select count(*) from role_assignments where school_year = '' and status <> 'expired') as timeless,
    (select count(*) from counting c
     join role_assignments a on a.program = c.program and a.school_year = c.school_year and a.status <> 'expired'
     where c.status = 'current' and c.program <> $1) as other_programs
from (
    select count(*) as assignments, count(*) filter (where status = 'suspended') as suspended
    from role_assignments where program = $1 and school_year = $2 and status <> 'expired') e

-- name: close
update school_years set status = 'closed', closed_at = now()
where program = $1 and school_year = $2 and status = 'current'
returning true

-- name: make_current
update school_years set status = 'current', current_at = now()
where program = $1 and school_year = $2 and status = 'upcoming'
returning true

-- name: carry
-- What the directory gives is given for the next year as well, as it stands.
insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status,
    "primary", origin, assigned_at)
select gen_random_uuid(), a.user_id, a.program, a.role, $3, a.organization_id, a.lea_id, a.name_key, a.status,
    false, 'directory', $5
from role_assignments a
where a.program = $1 and a.school_year = $2 and a.role = any($4::text[]) and a.origin = 'directory'
  and a.status <> 'expired'
on conflict (user_id, program, school_year, organization_id, role) do nothing

-- name: begin
insert into year_closings (program, school_year, next_year, phase, began_at, closed_on, actor_id, acting_under,
    operator_reason, request_id, assignments, carried)
values ($1, $2, $3, 'assignments', $4, $5, $6, $7, $8, $9, $10, $11)

-- name: closing
select * from year_closings where program = $1 and school_year = $2

-- name: lock_closing
select * from year_closings where program = $1 and school_year = $2 for update

-- name: unfinished
select program, school_year from year_closings where phase <> 'done' order by began_at

-- name: expire
-- The next so many of the index's order, none of a person's assignments of one role left for the next time; changed in
-- the order in which they lie. Who isn't found where she was, because she is being changed now, is a leftover.
with part as materialized (
    select ctid as place, role, name_key, user_id from role_assignments
    where program = $1 and school_year = $2 and (role, name_key, user_id) > ($3, $4, $5)
    order by role, name_key, user_id fetch first ($6) rows with ties
), expired as (
    update role_assignments a set status = 'expired', was_suspended = a.status = 'suspended'
    where a.ctid = any(array(select place from part)) and a.status <> 'expired'
    returning 1
)
select role, name_key, user_id, (select count(*) from expired) as expired
from part order by role desc, name_key desc, user_id desc limit 1

-- name: expire_leftovers
-- Whose name changed meanwhile may have been stepped over.
with expired as (
    update role_assignments set status = 'expired', was_suspended = status = 'suspended'
    where program = $1 and school_year = $2 and status <> 'expired'
    returning 1
)
select count(*) from expired

-- name: next_people
select max(id::text)::uuid as last, count(*) as found from (select id from users where id > $1 order by id limit $2) u

-- name: idle_people
-- Of these accounts, those that had a role in the year and have none that counts: locked, then looked at once more.
-- Values of one row, not `exists`: looked up for each account, where a join would read millions for each batch.
select u.id from users u
where u.id > $1 and u.id <= $2 and u.status in ('active', 'invited')
  and coalesce((
    select true from role_assignments h
    where h.user_id = u.id and h.program = $3 and h.school_year = $4 limit 1), false)
  and not coalesce((
    select true from role_assignments a
    where a.user_id = u.id and a.status <> 'expired' and (a.school_year = '' or exists (
        select from school_years y
        where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming')))
    limit 1), false)
order by u.id for no key update of u

-- name: inactivate
with changed as (
    update users u set status = 'inactive', version = version + 1
    where u.id = any($1::uuid[]) and u.status in ('active', 'invited') and not coalesce((
        select true from role_assignments a
        where a.user_id = u.id and a.status <> 'expired' and (a.school_year = '' or exists (
            select from school_years y
            where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming')))
        limit 1), false)
    returning 1
)
select count(*) from changed

-- name: move_on
update year_closings
set phase = $3, at_role = $4, at_name = $5, at_user = $6, expired = expired + $7, inactivated = inactivated + $8,
    finished_at = case $3 when 'done' then $9::timestamptz end
where program = $1 and school_year = $2
