-- Changes of address: asked for, confirmed, applied; at most one open for each person.

-- name: cancel_open
update email_changes set canceled_at = $2, new_email = null, new_email_key = null
where user_id = $1 and applied_at is null and canceled_at is null

-- name: insert
insert into email_changes (id, user_id, new_email, new_email_key, old_lost, requested_by, requested_at, expires_at,
    takes_effect_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: open_by_id
select id, user_id, new_email, old_lost, requested_by, requested_at, expires_at, old_confirmed_at, new_confirmed_at,
    takes_effect_at
from email_changes
where id = $1 and applied_at is null and canceled_at is null and expires_at > $2
for update

-- name: confirm_old
update email_changes set old_confirmed_at = coalesce(old_confirmed_at, $2) where id = $1

-- name: confirm_new
update email_changes set new_confirmed_at = coalesce(new_confirmed_at, $2) where id = $1

-- name: cancel
update email_changes set canceled_at = $2, new_email = null, new_email_key = null
where id = $1 and applied_at is null and canceled_at is null
returning user_id

-- name: apply
with applied as (
    update email_changes set applied_at = $2 where id = $1 and applied_at is null and canceled_at is null
    returning user_id, new_email, new_email_key
)
update users u set email = applied.new_email, email_key = applied.new_email_key, version = u.version + 1
from applied where u.id = applied.user_id and u.status in ('invited', 'active', 'inactive')
returning u.id

-- name: forget_applied
update email_changes set new_email = null, new_email_key = null where id = $1
