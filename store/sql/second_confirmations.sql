-- What waits for a second person's confirmation.

-- name: ask
insert into second_confirmations (id, kind, user_id, detail, asked_by, asked_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: lapse
update second_confirmations set decided_at = $1, outcome = 'withdrawn' where decided_at is null and expires_at <= $1

-- name: open
select id, kind, user_id, detail, asked_by, asked_at, expires_at from second_confirmations
where decided_at is null and expires_at > $1 and kind = any($2::text[]) order by asked_at, id limit 100

-- name: lock
select id, kind, user_id, detail, asked_by, asked_at, expires_at from second_confirmations
where id = $1 and decided_at is null and expires_at > $2
for update

-- name: decide
update second_confirmations set decided_at = $2, decided_by = $3, outcome = $4 where id = $1
