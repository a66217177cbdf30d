-- From which role people went to relying parties, for a few minutes.

-- name: insert
insert into launches (token_hash, session_id, client_id, program, role, school_year, place_id, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: named
select * from launches where token_hash = $1 and session_id = $2 and client_id = $3 and expires_at > $4

-- name: latest
select * from launches where session_id = $1 and client_id = $2 and expires_at > $3 and not only_by_name
order by created_at desc limit 1

-- name: use
delete from launches where token_hash = $1

-- name: pass_over
update launches set only_by_name = true where session_id = $1 and client_id = $2 and created_at <= $3
