-- Creations that carry an idempotency key: the first one's result answers the repeated ones.

-- name: claim
insert into idempotency_keys (actor_id, mutation, key, input_digest, result_id) values ($1, $2, $3, $4, $5)
on conflict (actor_id, mutation, key) do nothing

-- name: read
select input_digest, result_id from idempotency_keys where actor_id = $1 and mutation = $2 and key = $3
