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
                             legacy)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: add_secret
update relying_parties
set secret_hashes = array_prepend($2::bytea, case when $3 then secret_hashes[1:1] else '{}' end)
where client_id = $1 and auth_method in ('client_secret_basic', 'client_secret_post')
returning true;

-- name: set_keys
update relying_parties set jwks = $2 where client_id = $1 and auth_method = 'private_key_jwt'
returning true;

-- name: browser_redirect_uris
select distinct unnest(redirect_uris) as uri from relying_parties where active and auth_method = 'none';

-- name: has_legacy_audience
select exists (
    select from systems s join relying_parties r on s.code = any(r.systems)
    where s.resource_uri = $1 and r.active and r.legacy);
