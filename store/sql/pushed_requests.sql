-- Authorization requests that clients pushed (RFC 9126): opened in time, and used for one code.

-- name: insert
insert into pushed_requests (request_hash, client_id, parameters, expires_at, ends_at) values ($1, $2, $3, $4, $5);

-- name: open
update pushed_requests set opened_at = coalesce(opened_at, $3)
where request_hash = $1 and client_id = $2 and used_at is null and ends_at > $3
  and (opened_at is not null or expires_at > $3)
returning parameters;

-- name: use
update pushed_requests set used_at = $2, parameters = '{}' where request_hash = $1 and used_at is null
returning true;
