-- Overrides of cells.

-- name: all
select id, program, from_year, role, permission, reach, assessments, reports, first_day, last_day, basis, set_by,
    confirmed_by, set_at
from cell_overrides where ended_at is null order by first_day, id

-- name: set
insert into cell_overrides (id, program, from_year, role, permission, reach, assessments, reports, first_day, last_day,
    basis, set_by, confirmed_by, set_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: overlapping
select exists (select from cell_overrides
    where program = $1 and from_year = $2 and role = $3 and permission = $4 and ended_at is null
      and first_day <= $6 and last_day >= $5)

-- name: lock
select id, program, from_year, role, permission, first_day, last_day from cell_overrides
where id = $1 and ended_at is null and last_day > $2 for update

-- name: end
update cell_overrides
set last_day = least(last_day, greatest(first_day, $3)), ended_at = case when first_day > $3 then $2::timestamptz end
where id = $1

-- name: change_day
select exists (select from cell_overrides where ended_at is null and (first_day = $1 or last_day = $2))

-- name: hold_cells
select pg_advisory_xact_lock(hashtext('hallpass.cell_overrides'))

-- name: concerned
select count(distinct user_id) as people,
    (array_agg(distinct user_id))[1:10] as sample
from role_assignments
where program = $1 and role = $2 and school_year = any($3::text[]) and status = 'active'
