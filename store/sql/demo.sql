-- The demo state: what is in a database before it is loaded, and the few rows that aren't copied.

-- name: lock
select pg_advisory_xact_lock($1);

-- name: holding
select (select (after ->> 'users')::int from audit_events
        where target_type = 'state' and target_id = $1 and outcome = 'allowed' order by id desc limit 1) as demo_users,
       exists(select from users) as people,
       exists(select from organizations) as organizations;

-- name: insert_closed_years
insert into school_years (program, school_year, status) select unnest($1::text[]), $2, 'closed' on conflict do nothing;

-- name: put_relying_party
insert into relying_parties (client_id, label, systems, auth_method, secret_hashes, redirect_uris,
                             post_logout_redirect_uris, grant_types, scopes, role_mode, id_token_alg, first_party,
                             launch_uri, active, jwks, dpop_bound, require_par, backchannel_logout_uri, changes_by,
                             legacy)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
on conflict (client_id) do update set
    label = excluded.label, systems = excluded.systems, auth_method = excluded.auth_method,
    secret_hashes = excluded.secret_hashes, redirect_uris = excluded.redirect_uris,
    post_logout_redirect_uris = excluded.post_logout_redirect_uris, grant_types = excluded.grant_types,
    scopes = excluded.scopes, role_mode = excluded.role_mode, id_token_alg = excluded.id_token_alg,
    first_party = excluded.first_party, launch_uri = excluded.launch_uri, active = excluded.active,
    jwks = excluded.jwks, dpop_bound = excluded.dpop_bound, require_par = excluded.require_par,
    backchannel_logout_uri = excluded.backchannel_logout_uri, changes_by = excluded.changes_by,
    legacy = excluded.legacy;

-- name: analyze
analyze organizations, organization_codes, users, role_assignments, student_groups, student_group_users, signed_forms,
    credentials;
