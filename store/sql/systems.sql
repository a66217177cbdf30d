-- Downstream systems and the resource URIs that are the audiences of tokens for them (RFC 8707).

-- name: all
select code, label, resource_uri from systems order by code;

-- name: put
insert into systems (code, label, resource_uri) values ($1, $2, $3)
on conflict (code) do update set label = excluded.label, resource_uri = excluded.resource_uri;
