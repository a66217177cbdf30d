-- Sealing the audit trail, and reading it back for verification.

-- name: columns
e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as at, e.actor_id::text, e.actor_client,
    e.acting_under, e.operator_reason, e.action, e.outcome, e.target_type, e.target_id, e.before::text, e.after::text,
    e.rule, e.reason, e.request_id, e.subject_id::text, e.organization_id::text, e.personal::text, e.xact::text

-- name: lock
select pg_try_advisory_xact_lock(hashtextextended('hallpass audit sealing', 0))

-- name: snapshot
select pg_snapshot_xmin(now)::text::bigint as oldest_running, pg_snapshot_xmax(now)::text::bigint as first_not_begun
from pg_current_snapshot() as now

-- name: last
select * from audit_batches order by number desc limit 1

-- name: settled
-- Up to which id nothing can come anymore. What was noted under numbers of another server is long over.
select coalesce(max(last_id), 0) from audit_batches
where last_id > $1 and (horizon <= $2 or horizon > $3)

-- name: unsealed
-- Events whose transaction is over; a number that isn't given out yet was given on another server, before a restore.
select {{columns}}
from audit_events e
where e.id > $1 and (e.xact < $2::text::xid8 or e.xact >= $3::text::xid8)
    and not exists (select from audit_batches b where b.last_id > $1 and e.id <@ b.ids)
order by e.id
limit $4

-- name: add
insert into audit_batches (number, sealed_at, ids, events, settled_id, horizon, previous_hash, hash, seal)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: one
select * from audit_batches where number = $1

-- name: page
select * from audit_batches where number > $1 order by number limit $2

-- name: events_of
select {{columns}}
from audit_events e
where e.id between $1 and $2 and e.id <@ $3::int8multirange
order by e.id

-- name: count
select (select count(*) from audit_batches) as batches,
    (select count(*) from audit_events where id <= $1) as events,
    (select coalesce(sum(counted.many), 0)::bigint from audit_batches b,
        lateral (select sum(least(upper(r) - 1, $1) - lower(r) + 1) as many
                 from unnest(b.ids) r where lower(r) <= $1) counted) as sealed

-- name: outside
select e.id from audit_events e
where e.id <= $1 and not exists (select from audit_batches b where b.last_id >= e.id and e.id <@ b.ids)
order by e.id limit $2

-- name: waiting
select count(*) as events, min(at) as oldest from audit_events where id > $1
    and not exists (select from audit_batches b where b.last_id > $1 and audit_events.id <@ b.ids)
