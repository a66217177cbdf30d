-- Why somebody couldn't sign in.

-- name: note
insert into sign_in_failures (user_id, failed_at, why)
select id, $2, $3 from users where email_key = $1
on conflict (user_id) do update set failed_at = excluded.failed_at, why = excluded.why

-- name: last
select failed_at, why from sign_in_failures where user_id = $1

-- name: links
select purpose, created_at, expires_at, used_at from account_links where user_id = $1
order by created_at desc, purpose limit 10
