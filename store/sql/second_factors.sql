-- Authenticator apps and recovery codes of people.

-- name: propose
insert into totp_secrets (user_id, confirmed, sealed, made_at) values ($1, false, $2, $3)
on conflict (user_id, confirmed) do update set sealed = $2, made_at = $3, last_step = 0;

-- name: proposed
select sealed from totp_secrets where user_id = $1 and not confirmed and made_at > $2;

-- name: confirm
-- The proposed one takes the place of the one before; its step counts as used.
with before as (
    delete from totp_secrets where user_id = $1 and confirmed
)
select true;

-- name: confirm_proposed
update totp_secrets set confirmed = true, last_step = $3, sealed = $4
where user_id = $1 and not confirmed and sealed = $2
returning true;

-- name: totp
select sealed, last_step, made_at from totp_secrets where user_id = $1 and confirmed;

-- name: use_step
update totp_secrets set last_step = $3 where user_id = $1 and confirmed and sealed = $2 and last_step < $3
returning true;

-- name: remove_totp
delete from totp_secrets where user_id = $1;

-- name: has_totp
select exists (select from totp_secrets where user_id = $1 and confirmed);

-- name: forget_recovery_codes
delete from recovery_codes where user_id = $1;

-- name: add_recovery_codes
insert into recovery_codes (user_id, code_hash, made_at) select $1, one, $3 from unnest($2::bytea[]) one;

-- name: use_recovery_code
update recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null
returning true;

-- name: recovery_codes_left
select count(*) from recovery_codes where user_id = $1 and used_at is null;
