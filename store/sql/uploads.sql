-- Files of people: their records, pieces and progress. A state changes only from those states that are named with it.

-- name: insert
insert into uploads (id, format, program, school_year, file_name, uploaded_by, operator_reason, acting_program,
    acting_role, acting_year, state, request_id, created_at, lea_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'receiving', $11, $12, $13)

-- name: add_chunk
insert into upload_chunks (upload_id, part, number, data) values ($1, $2, $3, $4)

-- name: delete_chunks
delete from upload_chunks where upload_id = $1 and part = $2

-- name: chunk
select data from upload_chunks where upload_id = $1 and part = $2 and number = $3

-- name: received
update uploads set state = 'received', size = $2, digest = $3, version = version + 1
where id = $1 and state = 'receiving'

-- name: abandon
delete from uploads where id = $1 and state = 'receiving'

-- name: by_id
select * from uploads where id = $1 and state <> 'receiving'

-- name: by_uploader
select * from uploads
where uploaded_by = $1 and state <> 'receiving' and ($2::timestamptz is null or (created_at, id) < ($2, $3))
order by created_at desc, id desc limit $4

-- name: lock
-- Nobody else changes it; what another process works on at this moment is passed over.
select * from uploads where id = $1 for no key update skip locked

-- name: move
update uploads set state = $2, version = version + 1, notes = $3,
    finished_at = case when $2 in ('applied', 'cancelled') then $4::timestamptz end
where id = $1

-- name: hold_mails
update uploads set hold_mails_until = $2 where id = $1

-- name: judged
update uploads set state = $2, row_count = $3, counts = $4, problems = $5, plan = $6, notes = $7, validated_at = $8, as_of = $9,
    version = version + 1
where id = $1

-- name: next_waiting
select id, state from uploads where state in ('validating', 'applying') order by created_at
for no key update skip locked limit 1

-- name: purge
-- What never arrived whole.
delete from uploads where state = 'receiving' and created_at < $1

-- name: begin_attempt
insert into upload_progress as p (upload_id, attempts) values ($1, 1)
on conflict (upload_id) do update set attempts = p.attempts + 1, phase = '', done = 0, total = 0
returning attempts

-- name: write_progress
insert into upload_progress (upload_id, phase, done, total) values ($1, $2, $3, $4)
on conflict (upload_id) do update set phase = excluded.phase, done = excluded.done, total = excluded.total

-- name: end_progress
delete from upload_progress where upload_id = $1

-- name: progress
select u.id, u.uploaded_by, u.state, u.version, coalesce(p.phase, '') as phase, coalesce(p.done, 0) as done,
    coalesce(p.total, 0) as total
from uploads u left join upload_progress p on p.upload_id = u.id
where u.id = any($1::uuid[])
