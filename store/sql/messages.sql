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
