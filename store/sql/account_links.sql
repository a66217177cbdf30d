-- Single-use links: invitations and resets.

-- name: insert
insert into account_links (token_hash, user_id, purpose, created_at, expires_at) values ($1, $2, $3, $4, $5);

-- name: find
select l.user_id, l.purpose, l.expires_at, l.used_at is not null as used, u.email, u.first_name, u.last_name, u.status
from account_links l
join users u on u.id = l.user_id
where l.token_hash = $1;

-- name: consume
update account_links set used_at = $2
where token_hash = $1 and used_at is null and expires_at > $2
returning user_id;

-- name: close
update account_links set used_at = $2 where user_id = $1 and used_at is null;
