-- Browsers in which a person has signed in before.

-- name: remember
-- A new token for the device that she has used before, else a new device. Gives the token's hash that it had, or null.
with mine as (
    select id, token_hash from known_devices where user_id = $2 and token_hash = any($4::bytea[])
    order by last_seen_at desc limit 1 for update
), renewed as (
    update known_devices d set token_hash = $3, user_agent = $5, last_seen_at = $6 from mine where d.id = mine.id
), made as (
    insert into known_devices (id, user_id, token_hash, user_agent, first_seen_at, last_seen_at)
    select $1, $2, $3, $5, $6, $6 where not exists (select from mine)
)
select (select token_hash from mine);

-- name: known
select id from known_devices where user_id = $1 and token_hash = any($2::bytea[]) and last_seen_at > $3
order by last_seen_at desc limit 1;

-- name: listed
select id, user_agent, first_seen_at, last_seen_at, token_hash = any($2::bytea[]) as present from known_devices
where user_id = $1 and last_seen_at > $3
order by last_seen_at desc, id limit 100;

-- name: forget
delete from known_devices where user_id = $1 and id = $2 returning true;

-- name: forget_all
delete from known_devices where user_id = $1;
