-- Keys of persons, wrapped: one each, for all that is kept encrypted about her.

-- name: read
select user_id, wrapped, erased_at from personal_keys where user_id = any($1::uuid[])

-- name: add
insert into personal_keys (user_id, wrapped)
select * from unnest($1::uuid[], $2::bytea[])
on conflict do nothing
returning user_id

-- name: erase
insert into personal_keys (user_id, wrapped, erased_at) values ($1, null, $2)
on conflict (user_id) do update set wrapped = null, erased_at = coalesce(personal_keys.erased_at, excluded.erased_at)
