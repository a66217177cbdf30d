-- Single-use links: invitations, resets, and confirmations of a new address.

-- name: insert
insert into account_links (token_hash, user_id, purpose, created_at, expires_at, email_change_id, factor_reset_id)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: find
select l.user_id, l.purpose, l.expires_at, l.used_at is not null as used, l.email_change_id, l.factor_reset_id, u.email, u.first_name,
    u.last_name, u.status
from account_links l
join users u on u.id = l.user_id
where l.token_hash = $1;

-- name: consume
update account_links set used_at = $2
where token_hash = $1 and used_at is null and expires_at > $2
returning user_id;

-- name: close
update account_links set used_at = $2
where user_id = $1 and used_at is null and purpose = any($3::text[]);

-- name: made_since
select exists (
    select from account_links where user_id = $1 and purpose = $2 and used_at is null and created_at > $3);
