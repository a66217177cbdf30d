-- What introspections' answers rest on.

-- name: marks
select k.at, concat_ws('|', c.active, c.auth_method, c.secret_hashes, c.systems,
    (select array_agg(s.resource_uri order by s.code) from systems s where s.code = any(c.systems)),
    exists(select from denied_tokens d where d.jti = k.jti),
    case when k.root is null then {{by_system}} else {{by_token}} end) as mark
from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[]) with ordinality as k (caller, client, root, jti, at)
join relying_parties c on c.client_id = k.caller
