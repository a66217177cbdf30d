-- Credentials (licences) of persons, each for one LEA.

-- name: record
insert into credentials (id, user_id, lea_id, number, expires_on, recorded_by, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: of_users
select id, user_id, lea_id, number, expires_on, recorded_by, recorded_at from credentials
where user_id = any($1::uuid[])
order by user_id, expires_on desc, id
