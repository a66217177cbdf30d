-- Access tokens of systems for themselves that were revoked before they expire.

-- name: deny
with denied as (
    insert into denied_tokens (jti, client_id, expires_at) values ($1, $2, $3) on conflict (jti) do nothing
    returning client_id
), counted as (
    update relying_parties r set denials = r.denials + 1 from denied where r.client_id = denied.client_id returning 1
)
select count(pg_notify('hallpass_access', '-')) from counted

-- name: denied
select exists(select from denied_tokens where jti = $1)
