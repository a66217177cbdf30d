-- What a person let a relying party have, with the codes and refresh tokens that come from it.

-- name: insert
with live as (
    select id, lea_id from sessions where id = $4 and ended_at is null for share
), root as (
    insert into authorizations (id, client_id, user_id, session_id, scope, resource, requested_details, nonce,
                                auth_time, acr, amr, active_program, active_role, active_year, created_at, expires_at,
                                dpop_jkt, lea_id, place_id)
    select $1, $2, $3, live.id, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $21, live.lea_id, $22 from live
    returning id
)
insert into authorization_codes (code_hash, authorization_id, redirect_uri, code_challenge, expires_at)
select $17, id, $18, $19, $20 from root
returning true;

-- name: by_code
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources,
       c as code, z as "authorization", u.id as user_id, u.status, u.access_version, a.epoch, z.acr, z.lea_id,
       z.place_id
from relying_parties r
cross join access_state a
left join (authorization_codes c
           join authorizations z on z.id = c.authorization_id
           join users u on u.id = z.user_id) on c.code_hash = $2
where r.client_id = $1;

-- name: by_refresh_token
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources,
       t as refresh_token, z as "authorization", u.id as user_id, u.status, u.access_version, a.epoch, z.acr, z.lea_id,
       z.place_id
from relying_parties r
cross join access_state a
left join (refresh_tokens t
           join authorizations z on z.id = t.authorization_id
           join users u on u.id = z.user_id) on t.token_hash = $2
where r.client_id = $1;

-- name: by_refresh_tokens
select s.version as registrations, found.*, a.epoch
from unnest($1::bytea[]) with ordinality as asked (token_hash, number)
cross join access_state a
cross join registration_state s
left join lateral (
    select t as refresh_token, z as "authorization", u.id as user_id, u.status, u.access_version, z.acr, z.lea_id,
           z.place_id
    from refresh_tokens t
    join authorizations z on z.id = t.authorization_id
    join users u on u.id = z.user_id
    where t.token_hash = asked.token_hash
) found on true
order by asked.number;

-- name: by_access_token
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources,
       z as "authorization", u.id as user_id, u.status, u.access_version, a.epoch, z.acr, z.lea_id,
       z.place_id
from relying_parties r
cross join access_state a
left join (authorizations z join users u on u.id = z.user_id)
       on z.id = $2 and z.client_id = r.client_id
where r.client_id = $1;

-- name: redeem_code
with won as (
    update authorization_codes c set used_at = $2
    from authorizations z
    where c.code_hash = $1 and c.used_at is null and z.id = c.authorization_id and z.revoked_at is null
    returning c.authorization_id
), kept as (
    insert into refresh_tokens (token_hash, authorization_id, issued_at)
    select $3, authorization_id, $2 from won where $3::bytea is not null
), bound as (
    update authorizations z set dpop_jkt = $4 from won where z.id = won.authorization_id and $4::text is not null
)
select exists(select from won);

-- name: rotate_refresh_tokens
with asked as (
    select * from unnest($1::bytea[], $3::bytea[]) as pairs (token_hash, successor)
), won as (
    update refresh_tokens t set used_at = $2
    from asked, authorizations z
    where t.token_hash = asked.token_hash and t.used_at is null
      and z.id = t.authorization_id and z.revoked_at is null
    returning t.token_hash, t.authorization_id, asked.successor
), kept as (
    insert into refresh_tokens (token_hash, authorization_id, issued_at)
    select successor, authorization_id, $2 from won
)
select token_hash from won;

-- name: revoke
with ended as (
    update authorizations set revoked_at = $2, revoked_why = $3 where id = $1 and revoked_at is null returning id
)
select count(pg_notify('hallpass_access', '-')) from ended;
