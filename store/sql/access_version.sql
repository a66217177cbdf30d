-- The access version. Whoever raises it holds access_state's row until commit, so that versions grow in the order
-- of commits; user rows are locked first, so that two who raise never wait for each other in a circle. Each new version
-- is written down with whom it concerns and the roles that she has or had: whoever follows changes reads them there.

-- name: read
select greatest(u.access_version, e.epoch) from users u cross join access_state e where u.id = $1

-- name: epoch
select epoch from access_state

-- name: lock_concerned
-- With those who are concerned the heads of LEAs at which this transaction has changed a role: whether they stand in for
-- a coordinator follows from it (0013_stand_ins.sql).
select id from users
where id = any($1::uuid[] || array(
    select h.user_id from role_assignments h
    where h.organization_id = any(string_to_array(nullif(current_setting('hallpass.changed_leas', true), ''), ',')::uuid[])
      and h.origin = 'directory' and h.status <> 'expired'))
order by id for no key update

-- name: hold
select from access_state for update

-- name: raise_versions
with next as (
    update access_state set version = version + 1 returning version
), raised as (
    update users u set access_version = next.version from next where u.id = any($1::uuid[])
    returning u.id
), held as (
    select user_id, concat_ws(' ', program, role, school_year) as role
    from role_assignments where user_id = any($1::uuid[])
    union
    select user_id, concat_ws(' ', program, role, school_year) from former_roles where user_id = any($1::uuid[])
), written as (
    insert into access_changes (version, user_id, roles)
    select next.version, raised.id, coalesce(one.roles, '{}')
    from next cross join raised
    left join (select user_id, array_agg(role order by role) as roles from held group by user_id) one
        on one.user_id = raised.id
), told as (
    select count(pg_notify('hallpass_access', raised.id::text)) from raised
)
select next.version from next, told

-- name: raise_epoch
with next as (
    update access_state set version = version + 1, epoch = version + 1 returning version
), written as (
    insert into access_changes (version) select version from next
), told as (
    select count(pg_notify('hallpass_access', '*')) from next
)
select next.version from next, told
