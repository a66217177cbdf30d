-- Downstream systems registered as OAuth clients.

-- name: find
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources
from relying_parties r
where r.client_id = $1;

-- name: with_resource
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources,
       exists(select from systems where resource_uri = $2) as resource_known
from relying_parties r
where r.client_id = $1;

-- name: all
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources
from relying_parties r
order by r.client_id;

-- name: insert
insert into relying_parties (client_id, label, systems, auth_method, secret_hashes, redirect_uris,
                             post_logout_redirect_uris, grant_types, scopes, role_mode, id_token_alg, first_party,
                             launch_uri, active, jwks, dpop_bound, require_par, backchannel_logout_uri, changes_by,
                             legacy, secrets_since)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        array_fill(now(), array[cardinality($5::bytea[])]));

-- name: lock
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources
from relying_parties r
where r.client_id = $1
for update of r;

-- name: reports
select r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources
from relying_parties r
where $2::text is null or r.client_id = $2
order by r.client_id
limit $1;

-- name: update
update relying_parties
set label = $2, systems = $3, auth_method = $4, secret_hashes = $5, redirect_uris = $6, post_logout_redirect_uris = $7,
    grant_types = $8, scopes = $9, role_mode = $10, id_token_alg = $11, first_party = $12, launch_uri = $13,
    active = $14, jwks = $15, dpop_bound = $16, require_par = $17, backchannel_logout_uri = $18, changes_by = $19,
    legacy = $20, version = version + 1, changed_at = now(),
    secrets_since = case when secret_hashes = $5 then secrets_since
                         else array_fill(now(), array[cardinality($5::bytea[])]) end
where client_id = $1;

-- name: redirects_in_use
select distinct c.redirect_uri as uri
from authorizations z
join authorization_codes c on c.authorization_id = z.id
where z.client_id = $1 and z.revoked_at is null and z.expires_at > $2;

-- name: end_unfit
-- Of scopes or for a resource that it hasn't any more; come by an address that it hasn't ($6: some were taken away), or
-- by one that isn't known any more; without the consent that it needs now ($8); or all ($9).
with ended as (
    update authorizations z set revoked_at = $2, revoked_why = 'registration'
    where z.client_id = $1 and z.revoked_at is null
      and ($9
           or not string_to_array(z.scope, ' ') <@ $3::text[]
           or not (z.resource = any($4::text[])
                   or (z.resource = $5 and 'directory.read' = any(string_to_array(z.scope, ' '))))
           or ($6 and not exists (select from authorization_codes c
                                  where c.authorization_id = z.id and c.redirect_uri = any($7::text[])))
           or ($8 and not exists (select from consents k where k.user_id = z.user_id and k.client_id = z.client_id)))
    returning id
), told as (
    select count(pg_notify('hallpass_access', '-')) from ended
)
select count(*) from ended, told;

-- name: add_secret
update relying_parties
set secret_hashes = array_prepend($2::bytea, case when $3 then secret_hashes[1:1] else '{}' end),
    secrets_since = array_prepend(now(), case when $3 then secrets_since[1:1] else '{}' end),
    version = version + 1, changed_at = now()
where client_id = $1 and auth_method in ('client_secret_basic', 'client_secret_post')
returning true;

-- name: set_keys
update relying_parties set jwks = $2, version = version + 1, changed_at = now() where client_id = $1 and auth_method = 'private_key_jwt'
returning true;

-- name: browser_redirect_uris
select distinct unnest(redirect_uris) as uri from relying_parties where active and auth_method = 'none';

-- name: has_legacy_audience
select exists (
    select from systems s join relying_parties r on s.code = any(r.systems)
    where s.resource_uri = $1 and r.active and r.legacy);
