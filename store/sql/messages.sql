-- Messages and their delivery.

-- name: queue
insert into messages (id, user_id, joining, template, notices, priority, cause, request_id, held_until, state)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, case when $9 > now() then 'held' else 'queued' end)
on conflict (joining, user_id) where joining is not null and state in ('queued', 'held')
do update set
    notices = messages.notices || excluded.notices,
    template = case when excluded.priority > messages.priority then excluded.template else messages.template end,
    priority = greatest(messages.priority, excluded.priority)
returning id, xmax = 0 as new, greatest(held_until - now(), interval '0') as delay

-- name: claim_batch
-- Locked until the caller's commit: a worker that finds the batch empty looks again behind this lock.
insert into mail_batches (cause) values ($1)
on conflict (cause) do update set parts = mail_batches.parts + 1
returning parts = 1

-- name: queue_many
with asked as (
    select t.*
    from unnest($2::uuid[], $3::text[], $4::jsonb[], $5::int[], $6::bool[]) with ordinality
        as t (user_id, template, notice, priority, joins, n)
), grouped as (
    select
        user_id,
        case when joins then $1::uuid end as joining,
        (array_agg(template order by priority desc, n))[1] as template,
        jsonb_agg(notice order by n) as notices,
        max(priority) as priority
    from asked
    group by user_id, joins, case when not joins or user_id is null then n end
)
insert into messages (id, user_id, joining, template, notices, priority, cause, held_until, state, spread)
select gen_random_uuid(), user_id, case when user_id is not null then joining end, template, notices, priority, $1,
    $7::timestamptz, case when $7 > now() then 'held' else 'queued' end, false
from grouped
on conflict (joining, user_id) where joining is not null and state in ('queued', 'held')
do update set
    notices = messages.notices || excluded.notices,
    template = case when excluded.priority > messages.priority then excluded.template else messages.template end,
    priority = greatest(messages.priority, excluded.priority)

-- name: begin_sending
update messages
set state = 'sending', sending_by = $2, sending_until = now() + $3::interval, attempts = attempts + 1,
    last_attempt_at = now(), next_attempt_at = null
where id = $1 and (state in ('queued', 'held', 'failed') or (state = 'sending' and sending_until < now()))
returning id, user_id, notices, template, priority, attempts, now() - greatest(created_at, held_until) as waited

-- name: busy_for
-- How long another process may still be sending it.
select greatest(sending_until - now(), interval '1 second') from messages where id = $1 and state = 'sending'

-- name: sent
update messages
set state = 'sent', sent_at = now(), answer_code = $2, problem = null, sending_by = null, sending_until = null
where id = $1 and state <> 'sent'

-- name: failed
update messages
set state = 'failed', answer_code = $3, problem = $4, next_attempt_at = now() + $5::interval, sending_by = null,
    sending_until = null
where id = $1 and sending_by = $2

-- name: given_up
update messages
set state = $3, answer_code = $4, problem = $5, sending_by = null, sending_until = null
where id = $1 and sending_by = $2

-- name: retry
update messages
set state = 'queued', joining = null, created_at = now(), held_until = null, problem = null, answer_code = null
where id = $1 and state = 'dead'
returning priority

-- name: lock_batch
select true from mail_batches where cause = $1 for update

-- name: spread_slice
update messages set spread = true
where id in (select id from messages where cause = $1 and not spread order by id limit $2 for update skip locked)
returning id, priority, greatest(held_until - now(), interval '0') as delay

-- name: end_batch
delete from mail_batches where cause = $1

-- name: take_slot
update mail_pace
set next_at = greatest(next_at, clock_timestamp()) + $1::interval
returning greatest(next_at - $1::interval - clock_timestamp(), interval '0')

-- name: lost
-- Overdue, and no job will come for it: its job was lost with a process and its connection in one moment.
select m.id, m.priority
from messages m
where m.state in ('queued', 'held', 'failed', 'sending') and m.spread
  and greatest(m.created_at, m.held_until, m.next_attempt_at, m.sending_until) < now() - interval '15 minutes'
  and not exists (
      select from pgqueuer j
      where j.entrypoint = 'mail' and j.payload = uuid_send(m.id) and j.status in ('queued', 'picked'))
limit 1000

-- name: purge
delete from messages where state in ('sent', 'dropped') and created_at < now() - $1::interval

-- name: purge_log
delete from pgqueuer_log where created < now() - $1::interval

-- name: purge_statistics
delete from pgqueuer_statistics where created < now() - $1::interval

-- name: dead_count
select count(*) from messages where state = 'dead'

-- name: listed
select id, user_id, template, state, attempts, answer_code, problem, cause, created_at, held_until, last_attempt_at,
    next_attempt_at, sent_at
from messages
where ($1::uuid is null or user_id = $1) and state = any($2::text[])
order by created_at desc, id
limit $3

-- name: one
select id, user_id, template, state, attempts, answer_code, problem, cause, created_at, held_until, last_attempt_at,
    next_attempt_at, sent_at
from messages where id = $1

-- name: locked_state
select state from messages where id = $1 for update
