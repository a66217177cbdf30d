-- What is purged by age, up to 5,000 rows at once; each gives the number of its rows.

-- name: codes
with old as (
    delete from authorization_codes where code_hash in
        (select code_hash from authorization_codes where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: proofs
with old as (
    delete from used_proofs where proof in
        (select proof from used_proofs where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: pushed_requests
with old as (
    delete from pushed_requests where request_hash in
        (select request_hash from pushed_requests where ends_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: launches
with old as (
    delete from launches where token_hash in
        (select token_hash from launches where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: tokens
with old as (
    delete from refresh_tokens where token_hash in (
        select t.token_hash from refresh_tokens t join authorizations a on a.id = t.authorization_id
        where least(a.expires_at, a.revoked_at) < $1 limit 5000) returning 1)
select count(*) from old

-- name: authorizations
with old as (
    delete from authorizations where id in (
        select id from authorizations where least(expires_at, revoked_at) < $1 limit 5000) returning 1)
select count(*) from old

-- name: sessions
with old as (
    delete from sessions where id in (
        select s.id from sessions s where least(s.expires_at, s.ended_at) < $1
          and not exists (select from authorizations a where a.session_id = s.id) limit 5000) returning 1)
select count(*) from old

-- name: links
with old as (
    delete from account_links where token_hash in
        (select token_hash from account_links where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: keys
with old as (
    delete from idempotency_keys where (actor_id, mutation, key) in
        (select actor_id, mutation, key from idempotency_keys where created_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: notices
with old as (
    delete from logout_notices where id in
        (select id from logout_notices where created_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: denials
with old as (
    delete from denied_tokens where jti in (select jti from denied_tokens where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: failures
with old as (
    delete from sign_in_failures where user_id in
        (select user_id from sign_in_failures where failed_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: attempts
with old as (
    delete from failed_attempts where key in
        (select key from failed_attempts where last_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: waiting
with old as (
    delete from pending_sign_ins where id in
        (select id from pending_sign_ins where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: unconfirmed_apps
with old as (
    delete from totp_secrets where not confirmed and user_id in
        (select user_id from totp_secrets where not confirmed and made_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: ceremonies
with old as (
    delete from passkey_ceremonies where (purpose, bound_to) in
        (select purpose, bound_to from passkey_ceremonies where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: factor_resets
with old as (
    delete from factor_resets where id in (
        select r.id from factor_resets r where r.requested_at < $1
          and not exists (select from account_links l where l.factor_reset_id = r.id) limit 5000) returning 1)
select count(*) from old

-- name: devices
with old as (
    delete from known_devices where id in
        (select id from known_devices where last_seen_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: requests
with old as (
    delete from second_confirmations where id in
        (select id from second_confirmations where asked_at < $1 and (decided_at is not null or expires_at < $1)
         limit 5000) returning 1)
select count(*) from old

-- name: district_ways
with old as (
    delete from identity_sign_ins where state_hash in
        (select state_hash from identity_sign_ins where expires_at < $1 limit 5000) returning 1)
select count(*) from old

-- name: file_pieces
with old as (
    delete from upload_chunks where (upload_id, part, number) in (
        select c.upload_id, c.part, c.number from uploads u join upload_chunks c on c.upload_id = u.id
        where u.created_at < $1 and u.state not in ('validating', 'applying') limit 5000) returning 1)
select count(*) from old

-- name: files
with old as (
    delete from uploads where id in (
        select u.id from uploads u
        where u.created_at < $1 and u.state not in ('validating', 'applying')
          and not exists (select from upload_chunks c where c.upload_id = u.id) limit 5000) returning 1)
select count(*) from old

-- name: signal_deliveries
with old as (
    delete from signal_deliveries where number in
        (select number from signal_deliveries where at < $1 limit 5000) returning 1)
select count(*) from old

-- name: signal_events
with old as (
    delete from signal_events where id in
        (select id from signal_events where at < $1 and seq is not null limit 5000) returning 1)
select count(*) from old
