-- What a stream has still to tell, and how telling it goes.

-- name: count_waiting
select count(*) from (select from signal_deliveries where stream_id = $1 and dead_at is null limit $2) w

-- name: waiting
-- While a stream doesn't run, only what is said about the stream itself.
select number, jti, kind, user_id, session_id, details, txn, at, issued_at, attempts
from signal_deliveries
where stream_id = $1 and dead_at is null and ($3 or kind = 'stream-updated')
order by number limit $2

-- name: add
insert into signal_deliveries (stream_id, jti, kind, details, txn, at, issued_at) values ($1, $2, $3, $4, $5, $6, $6)

-- name: drop_waiting
delete from signal_deliveries where stream_id = $1 and dead_at is null

-- name: claim
-- A stream that something may be pushed to, for one process until $3.
update signal_streams set working_by = $2, working_until = $3
where id = (
    select s.id from signal_streams s join relying_parties r on r.client_id = s.client_id
    where s.method = 'push' and r.active and r.changes_by = 'shared-signals'
      and (s.next_attempt_at is null or s.next_attempt_at <= $1)
      and (s.working_until is null or s.working_until <= $1)
      and ((s.status = 'enabled' and (
                s.position < (select last from signal_order)
                or exists (select from signal_deliveries d where d.stream_id = s.id and d.dead_at is null)))
           or exists (select from signal_deliveries d
                      where d.stream_id = s.id and d.dead_at is null and d.kind = 'stream-updated'))
    order by greatest(s.delivered_at, s.failed_at) nulls first, s.id limit 1
    for no key update of s skip locked)
returning id

-- name: keep
update signal_streams set working_until = $3 where id = $1 and working_by = $2 returning true

-- name: let_go
update signal_streams set working_by = null, working_until = null where id = $1 and working_by = $2

-- name: delivered
with gone as (
    delete from signal_deliveries where stream_id = $1 and number = any($2::bigint[]) and dead_at is null returning 1
)
update signal_streams
set delivered = delivered + (select count(*) from gone), delivered_at = $3, failures = 0, next_attempt_at = null
where id = $1

-- name: acknowledge
with gone as (
    delete from signal_deliveries where stream_id = $1 and jti = any($2::uuid[]) and dead_at is null returning 1
)
update signal_streams
set delivered = delivered + (select count(*) from gone), delivered_at = $3
where id = $1 and exists (select from gone)

-- name: refuse
with refused as (
    update signal_deliveries set dead_at = $3, error = $4, attempts = attempts + 1
    where stream_id = $1 and number = $2 and dead_at is null returning 1
)
update signal_streams set last_error = $4, failed_at = $3 where id = $1 and exists (select from refused)

-- name: report_error
with refused as (
    update signal_deliveries set dead_at = $3, error = $4 where stream_id = $1 and jti = $2 and dead_at is null
    returning 1
)
update signal_streams set last_error = $4, failed_at = $3 where id = $1 and exists (select from refused)

-- name: fail
with tried as (
    update signal_deliveries set attempts = attempts + 1 where stream_id = $1 and number = any($2::bigint[]) returning 1
)
update signal_streams set failures = failures + 1, next_attempt_at = $4, last_error = $5, failed_at = $3
where id = $1
returning failures
