-- Addresses that somebody had, as keyed hashes.

-- name: release
insert into released_addresses (address_hash, user_id, released_at, blocked_until) values ($1, $2, $3, $4)
on conflict (address_hash, user_id) do update
    set released_at = excluded.released_at, blocked_until = excluded.blocked_until

-- name: blocked
select distinct address_hash from released_addresses
where address_hash = any($1::bytea[]) and blocked_until > $2 and user_id is distinct from $3

-- name: any_blocked
select exists (select from released_addresses where blocked_until > $1)

-- name: forget_old
delete from released_addresses where blocked_until <= $1

-- name: unblock
update released_addresses set blocked_until = $2 where address_hash = $1 and blocked_until > $2 returning user_id
