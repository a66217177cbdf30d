-- The marks of many callers at once, for those whose connections stay open: put together by store/live_marks.py.

-- name: all
select k.at, case when k.root is null then {{by_system}} else {{by_token}} end as mark, null::timestamptz as last_seen_at, null::timestamptz as expires_at
from unnest($1::int[], $2::text[], $3::uuid[]) as k(at, client, root)
union all
select k.at, {{by_session}}, s.last_seen_at, s.expires_at
from unnest($4::int[], $5::bytea[]) as k(at, token_hash)
left join sessions s on s.token_hash = k.token_hash
