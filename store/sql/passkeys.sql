-- Passkeys of people, and the challenges by which they are made and used.

-- name: new_handle
insert into passkey_handles (user_id, handle) values ($1, $2) on conflict (user_id) do nothing

-- name: handle
select handle from passkey_handles where user_id = $1

-- name: insert
insert into passkeys (id, user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, transports,
    aaguid, name, added_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (credential_id) do nothing
returning true

-- name: of_user
select id, user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, transports, aaguid, name,
    added_at, last_used_at, copied_at
from passkeys where user_id = $1 order by added_at, id

-- name: owner
select user_id from passkeys where credential_id = $1

-- name: entering
-- Locked for share, as for a password: whoever changes her status waits, and then ends what begins here; a file that
-- is applied for a minute locks for share too, and holds nobody up.
with account as materialized (
    select id from users where id = $1 and status = 'active' for share
), free as materialized (
    select u.id from users u where u.id in (select id from account) for no key update of u skip locked
), noted as (
    update users u set last_sign_in_at = $2 from free where u.id = free.id
)
select exists (select from account)

-- name: by_credential
-- Locked: of two answers with the same counter one is refused.
select p.id, p.user_id, p.credential_id, p.public_key, p.sign_count, p.backup_eligible, p.backed_up, p.transports,
    p.aaguid, p.name, p.added_at, p.last_used_at, p.copied_at, h.handle
from passkeys p
join passkey_handles h on h.user_id = p.user_id
where p.credential_id = $1
for update of p

-- name: count
select count(*) from passkeys where user_id = $1

-- name: used
update passkeys set sign_count = $2, backed_up = $3, last_used_at = $4 where id = $1

-- name: copied
update passkeys set copied_at = coalesce(copied_at, $2) where id = $1

-- name: rename
update passkeys set name = $3 where id = $1 and user_id = $2 returning true

-- name: remove
delete from passkeys where id = $1 and user_id = $2 returning true

-- name: remove_all
with gone as (delete from passkeys where user_id = $1 returning 1) select count(*) from gone

-- name: forget_ceremonies
delete from passkey_ceremonies where user_id = $1

-- name: begin
-- Takes the place of the one begun before; up to ten that nobody answered go with each.
with old as (
    delete from passkey_ceremonies where (purpose, bound_to) in (
        select purpose, bound_to from passkey_ceremonies
        where expires_at < $6 and (purpose, bound_to) <> ($1, $2) limit 10 for update skip locked)
)
insert into passkey_ceremonies (purpose, bound_to, challenge, user_id, expires_at)
values ($1, $2, $3, $4, $5)
on conflict (purpose, bound_to) do update
set challenge = excluded.challenge, user_id = excluded.user_id, expires_at = excluded.expires_at

-- name: answer
-- Gone with the first answer, whatever becomes of it.
delete from passkey_ceremonies where purpose = $1 and bound_to = $2
returning challenge, user_id, expires_at
