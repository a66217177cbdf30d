-- A person's sessions as she sees them herself.

-- name: running
select s.id, s.user_agent, s.created_at, s.auth_time, s.last_seen_at, s.expires_at, s.acr, s.amr, s.lea_id,
    array(select distinct z.client_id from authorizations z
          where z.session_id = s.id and z.revoked_at is null and z.expires_at > $2 order by z.client_id) as clients
from sessions s
where s.user_id = $1 and s.ended_at is null and s.expires_at > $2 and s.last_seen_at >= $3
order by s.last_seen_at desc, s.id
limit 100

-- name: lock
select true from sessions where id = $1 and user_id = $2 and ended_at is null for update
