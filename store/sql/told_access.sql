-- What relying parties that learn of changes by back-channel logout were told last.

-- name: note
update authorizations set told = $2 where id = $1

-- name: listed
select id, client_id, told from authorizations
where told is not null and revoked_at is null and expires_at > now() and id > $2
  and ($1::uuid is null or user_id = $1)
order by id limit $3

-- name: tell
with changed as (
    update authorizations set told = $3 where id = $1 and told = $2 and revoked_at is null
    returning session_id, user_id, client_id
)
select count(queue_logout_notices(session_id, user_id, array[client_id])) from changed
