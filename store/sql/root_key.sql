-- The one key that others are derived from, sealed by whoever writes it.

-- name: read
select (select sealed from root_key) as sealed, exists(select from signing_keys) as in_use;

-- name: keep
insert into root_key (sealed) values ($1) on conflict do nothing;

-- name: replace
update root_key set sealed = $2, sealed_at = now() where sealed = $1 returning true;
