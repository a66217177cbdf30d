-- What giving and taking roles looks at inside its transaction.

-- name: lock
select from users where id = any($1::uuid[]) order by id for no key update

-- name: has_primary
select exists (
    select from role_assignments
    where lea_id = $1 and program = $2 and school_year = $3 and "primary" and status = 'active')
