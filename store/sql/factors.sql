-- Second factors of people, whatever their kind.

-- name: has
select exists (select from passkeys where user_id = $1)
    or exists (select from totp_secrets where user_id = $1 and confirmed)

-- name: remove_apps
delete from totp_secrets where user_id = $1

-- name: remove_recovery_codes
delete from recovery_codes where user_id = $1

-- name: forget_devices
delete from known_devices where user_id = $1

-- name: end_pending
delete from pending_sign_ins where user_id = $1
