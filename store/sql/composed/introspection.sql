-- What an introspection's answer rests on.

-- name: mark
select concat_ws('|', c.active, c.auth_method, c.secret_hashes, c.systems,
    (select array_agg(s.resource_uri order by s.code) from systems s where s.code = any(c.systems)),
    exists(select from denied_tokens d where d.jti = {{jti}}),
    {{token}})
from relying_parties c where c.client_id = {{caller}}
