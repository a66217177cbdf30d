-- Registrations as a process remembers them: with the number that says whether they are still true.

-- name: version
select version from registration_state;

-- name: client
select s.version, r as client,
       (select jsonb_object_agg(s.code, s.resource_uri) from systems s where s.code = any(r.systems)) as resources,
       array(select resource_uri from systems) as every_resource
from relying_parties r
cross join registration_state s
where r.client_id = $1;
