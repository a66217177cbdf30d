-- Authorization requests that clients pushed (RFC 9126): opened in time, and used for one code. `ends_at` is always when
-- nobody can come with it any more.

-- name: insert
-- Each new one clears away some that are over: the table stays as large as what is under way.
with over as (
    delete from pushed_requests where request_hash in (
        select request_hash from pushed_requests where ends_at < $5 limit 20 for update skip locked)
)
insert into pushed_requests (request_hash, client_id, parameters, expires_at, ends_at) values ($1, $2, $3, $4, $4);

-- name: open
update pushed_requests
set opened_at = coalesce(opened_at, $3),
    ends_at = case when opened_at is null then expires_at + $4::interval else ends_at end
where request_hash = $1 and client_id = $2 and used_at is null and ends_at > $3
  and (opened_at is not null or expires_at > $3)
returning parameters;

-- name: redirect_uri
select parameters ->> 'redirect_uri' from pushed_requests where request_hash = $1 and client_id = $2;

-- name: use
update pushed_requests set used_at = $2, ends_at = least(ends_at, $2), parameters = '{}'
where request_hash = $1 and used_at is null
returning true;
