-- Passwords: set by their owner alone, made void by a reset.

-- name: keep_earlier
insert into earlier_passwords (user_id, set_at, password_hash)
select id, coalesce(password_set_at, created_at), password_hash from users where id = $1 and password_hash is not null
on conflict do nothing

-- name: forget_earlier
delete from earlier_passwords
where user_id = $1 and password_hash not in (
    select password_hash from earlier_passwords where user_id = $1 order by set_at desc limit $2)

-- name: earlier
select password_hash from earlier_passwords where user_id = $1 order by set_at desc limit $2

-- name: set
update users set password_hash = $2, password_set_at = $3, version = version + 1
where id = $1 and status = 'active' and ($4::text is null or password_hash = $4)
returning true

-- name: void
update users set password_hash = null, version = version + 1 where id = $1 and status in ('active', 'inactive')

-- name: of_user
select password_hash, email, first_name, last_name, coalesce(password_set_at, created_at) as set_at
from users where id = $1 and status = 'active'
