-- A person's sessions as she sees them herself.

-- name: running
select s.id, s.user_agent, s.created_at, s.auth_time, s.last_seen_at, s.expires_at, s.acr, s.amr, s.lea_id,
    array(select distinct r.label from authorizations z join relying_parties r on r.client_id = z.client_id
          where z.session_id = s.id and z.revoked_at is null and z.expires_at > $2 order by r.label) as entered
from sessions s
where s.user_id = $1 and s.ended_at is null and s.expires_at > $2 and s.last_seen_at >= $3
order by s.last_seen_at desc, s.id
limit 100

-- name: lock
select true from sessions where id = $1 and user_id = $2 and ended_at is null for update

-- name: lock_others
select id from sessions where user_id = $1 and id <> $2 and ended_at is null order by id for update
