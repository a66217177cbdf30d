-- Sessions of people who signed in here; the cookie's token is kept as its SHA-256 only.

-- name: insert
insert into sessions (id, token_hash, user_id, auth_time, acr, amr, active_program, active_role, active_year,
                      created_at, last_seen_at, signed_in_at, expires_at, user_agent, lea_id, provider_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $14, $14, $14, $10, $11, $12, $13);

-- name: present
select s.id, s.user_id, s.auth_time, s.acr, s.amr, s.active_program, s.active_role, s.active_year, s.last_seen_at,
       s.expires_at, s.lea_id, s.provider_id, coalesce(s.signed_in_at, s.auth_time) as signed_in_at,
       null::uuid as place_id, u.status, u.access_version, a.epoch
from sessions s
join users u on u.id = s.user_id
cross join access_state a
where s.token_hash = $1 and s.ended_at is null;

-- name: seen
update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2;

-- name: renew
update sessions
set token_hash = $2, auth_time = $3, last_seen_at = $8, signed_in_at = $8, expires_at = $4, acr = $5, amr = $6,
    lea_id = $7
where id = $1 and ended_at is null
returning true;

-- name: strengthen
-- $6: when she proved all of who she is; null: she didn't, what she proved before is as old as it was.
update sessions
set token_hash = $2, acr = $3, amr = $4, auth_time = coalesce($6, auth_time), last_seen_at = $5, signed_in_at = $5
where id = $1 and ended_at is null and expires_at > $5
returning true;

-- name: choose_role
update sessions set active_program = $2, active_role = $3, active_year = $4 where id = $1 and ended_at is null;

-- name: finish
with ended as (
    update sessions set ended_at = $2 where id = $1 and ended_at is null returning id
)
select count(pg_notify('hallpass_access', '-')) from ended;

-- name: revoke_its_authorizations
with ended as (
    update authorizations set revoked_at = $2, revoked_why = 'signed-out'
    where session_id = $1 and revoked_at is null returning id
)
select count(pg_notify('hallpass_access', '-')) from ended;

-- name: finish_weaker
with ended as (
    update sessions set ended_at = $2
    where user_id = $1 and ended_at is null and acr <> $4 and id is distinct from $3
    returning id
)
select count(pg_notify('hallpass_access', '-')) from ended;

-- name: revoke_weaker
with ended as (
    update authorizations set revoked_at = $2, revoked_why = 'second-step'
    where user_id = $1 and revoked_at is null and acr <> $4 and session_id is distinct from $3
    returning id
)
select count(pg_notify('hallpass_access', '-')) from ended;

-- name: finish_all
with ended as (
    update sessions set ended_at = $2 where user_id = $1 and ended_at is null returning id
)
select count(pg_notify('hallpass_access', '-')) from ended;

-- name: revoke_all
with ended as (
    update authorizations set revoked_at = $2, revoked_why = $3 where user_id = $1 and revoked_at is null returning id
)
select count(pg_notify('hallpass_access', '-')) from ended;
