-- What giving and taking roles looks at inside its transaction.

-- name: lock
select from users where id = any($1::uuid[]) order by id for no key update

-- name: lock_organization
select from organizations where id = $1 for no key update

-- name: count_additional
select count(*) from role_assignments
where lea_id = $1 and program = $2 and school_year = $3 and role = $4 and not "primary" and status <> 'expired'

-- name: has_primary
select exists (
    select from role_assignments
    where lea_id = $1 and program = $2 and school_year = $3 and "primary" and status <> 'expired')
