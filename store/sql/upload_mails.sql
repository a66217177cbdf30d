-- The mails that an applied file causes: told from its audit events, some thousands at a time, after it was applied.

-- name: next
select id, program, school_year, uploaded_by, mails_after, mails_until, hold_mails_until, finished_at from uploads
where mails_until is not null order by finished_at for no key update skip locked limit 1

-- name: events
select e.id, e.subject_id, e.organization_id, e.after ->> 'outcome' as outcome, e.after ->> 'role' as role,
    e.before -> 'roles' as taken
from audit_events e
where e.id > $2 and e.id <= $3 and e.after ->> 'upload' = $1::uuid::text
order by e.id limit $4

-- name: progress
update uploads set mails_after = $2, mails_until = case when $2 < mails_until then mails_until end where id = $1
