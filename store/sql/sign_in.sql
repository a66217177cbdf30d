-- What signing in reads and writes of an account.

-- name: by_email_key
-- With her device among those of the hashes in $2: the same one statement whether there is such an account or device.
select u.id, u.status, u.password_hash, u.email, coalesce(u.password_set_at, u.created_at) as set_at,
       (select d.id from known_devices d
        where d.user_id = u.id and d.token_hash = any($2::bytea[]) and d.last_seen_at > $3
        order by d.last_seen_at desc limit 1) as device
from users u where u.email_key = $1;

-- name: standing
select u.status, u.access_version, a.epoch from users u cross join access_state a where u.id = $1;

-- name: held_standing
select u.status, u.access_version, a.epoch
from users u cross join access_state a
where u.id = $1 and u.status = 'active'
for share of u;

-- name: person
select id, first_name, last_name, email, phone, status from users where id = $1;

-- name: signed_in
-- Locked for share: whoever changes password or status waits, and is waited for; a file that is applied for a minute
-- locks for share too, and holds nobody up. While it does, the time of signing in isn't written down.
with account as materialized (
    select id, status, access_version from users where id = $1 and password_hash = $3 and status = 'active' for share
), free as materialized (
    select u.id from users u where u.id in (select id from account) for no key update of u skip locked
), noted as (
    update users u set last_sign_in_at = $2, password_hash = coalesce($4, u.password_hash)
    from free where u.id = free.id
)
select account.status, account.access_version, a.epoch from account cross join access_state a;

-- name: accept_invitation
update users set password_hash = $2, password_set_at = $3, status = 'active', last_sign_in_at = $3, version = version + 1
where id = $1 and status = 'invited'
returning true;
