-- Which notices of an expiry were sent.

-- name: record
insert into expiry_notices (kind, subject_id, days, sent_at)
select $1, n.subject_id, n.days, $4 from unnest($2::uuid[], $3::int[]) as n (subject_id, days)
on conflict do nothing

-- name: purge
delete from expiry_notices where sent_at < $1
