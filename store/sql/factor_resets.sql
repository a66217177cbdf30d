-- Resets of lost factors: asked for, confirmed, applied; at most one open for each person.

-- name: insert
insert into factor_resets (id, user_id, requested_by, requested_at, takes_effect_at, expires_at)
values ($1, $2, $3, $4, $5, $6)

-- name: cancel_open
update factor_resets set canceled_at = $2
where user_id = $1 and applied_at is null and canceled_at is null
returning id, expires_at > $2 as stopped

-- name: open_by_id
select id, user_id, requested_by, requested_at, takes_effect_at, expires_at, confirmed_at
from factor_resets
where id = $1 and applied_at is null and canceled_at is null and expires_at > $2
for update

-- name: user_of
select user_id from factor_resets where id = $1

-- name: open_of_user
select id, user_id, requested_by, requested_at, takes_effect_at, expires_at, confirmed_at
from factor_resets
where user_id = $1 and applied_at is null and canceled_at is null and expires_at > $2

-- name: confirm
update factor_resets set confirmed_at = coalesce(confirmed_at, $2) where id = $1

-- name: cancel
update factor_resets set canceled_at = $2 where id = $1 and applied_at is null and canceled_at is null

-- name: apply
update factor_resets set applied_at = $2 where id = $1 and applied_at is null and canceled_at is null
returning true

-- name: address_changed
-- Whether the address on file is another one since: what was confirmed, was confirmed from a mailbox of another.
select exists (select from email_changes where user_id = $1 and applied_at >= $2);

-- name: readdressed
-- When somebody else last changed the address on file.
select max(applied_at) from email_changes where user_id = $1 and requested_by <> $1
