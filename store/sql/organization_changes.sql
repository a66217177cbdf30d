-- Changes of single organizations, and the tree as it was.

-- name: lock
select id from organizations where id = any($1::uuid[]) order by id for no key update

-- name: move
update organizations set parent_id = $2, lea_id = $2, version = version + 1
where id = $1 and level = 'school' and version = $3
returning true

-- name: set_active
update organizations set active = $2, merged_into = $4, version = version + 1
where id = $1 and version = $3
returning true

-- name: rename
update organizations set name = $2, name_key = $3, code = $4, version = version + 1
where id = $1 and version = $5
returning true

-- name: is_taken
select exists (select from organizations where level = $1 and code = $2 and id <> $3)

-- name: open_schools
select count(*) from organizations where parent_id = $1 and level = 'school' and active and id <> $1

-- name: holders
-- Whoever holds a role that counts at one of these organizations, suspended ones included.
select distinct a.user_id from role_assignments a
where a.organization_id = any($1::uuid[]) and a.status <> 'expired' and (a.school_year = '' or exists (
    select from school_years y
    where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming')))
order by a.user_id
