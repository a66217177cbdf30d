-- What introspections' answers rest on.

-- name: marks
-- The caller's audiences are its systems' addresses; an answer's locations are those of the token's own client.
select k.at, concat_ws('|', c.active, c.auth_method, c.secret_hashes, c.systems,
    (select array_agg(s.resource_uri order by s.code) from systems s
     where s.code = any(c.systems) or s.code = any(t.systems)),
    exists(select from denied_tokens d where d.jti = k.jti),
    case when k.root is null then {{by_system}} else {{by_token}} end) as mark
from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[]) with ordinality as k (caller, client, root, jti, at)
join relying_parties c on c.client_id = k.caller
left join relying_parties t on t.client_id = k.client
