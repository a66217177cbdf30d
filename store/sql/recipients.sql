-- What giving and taking roles looks at inside its transaction.

-- name: lock
-- With them whoever's access may follow from a change of their roles at an LEA, so that nobody is locked later, out of
-- order: the heads of the LEA (S1-09), its primary coordinator, and who may succeed her (S1-08).
select from users
where id = any($1::uuid[] || array(
    select beside.user_id
    from role_assignments own
    join role_assignments beside on beside.organization_id = own.organization_id and beside.status <> 'expired'
        and (beside.origin = 'directory'
             or ((own."primary" or beside."primary") and beside.program = own.program
                 and beside.school_year = own.school_year and beside.role = own.role))
    where own.user_id = any($1::uuid[]) and own.organization_id = own.lea_id and own.status <> 'expired')
    || array(
    select h.user_id from role_assignments h
    where h.organization_id = any($2::uuid[]) and h.origin = 'directory' and h.status <> 'expired'))
order by id for no key update

-- name: lock_organizations
select from organizations where id = any($1::uuid[]) order by id for no key update

-- name: lock_organization
select from organizations where id = $1 for no key update

-- name: count_additional
select count(*) from role_assignments
where lea_id = $1 and program = $2 and school_year = $3 and role = $4 and not "primary" and status <> 'expired'

-- name: has_primary
select exists (
    select from role_assignments
    where lea_id = $1 and program = $2 and school_year = $3 and "primary" and status <> 'expired')
