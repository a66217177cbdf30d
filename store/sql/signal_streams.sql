-- Streams of security events, one for each relying party.

-- name: insert
insert into signal_streams (id, client_id, method, endpoint_url, sealed_header, events_requested, description, position,
                            created_at, changed_at)
select $1, $2, $3, $4, $5, $6, $7, last, $8, $8 from signal_order
on conflict (client_id) do nothing
returning true

-- name: of_client
select s.*, r as client, r.active and r.changes_by = 'shared-signals' as served
from signal_streams s join relying_parties r on r.client_id = s.client_id
where s.client_id = $1

-- name: by_id
select s.*, r as client, r.active and r.changes_by = 'shared-signals' as served
from signal_streams s join relying_parties r on r.client_id = s.client_id
where s.id = $1

-- name: lock
select id from signal_streams where id = $1 for no key update

-- name: all
select s.*, r.label, r.active and r.changes_by = 'shared-signals' as served,
       (select count(*) from signal_deliveries d where d.stream_id = s.id and d.dead_at is null) as waiting,
       (select count(*) from signal_deliveries d where d.stream_id = s.id and d.dead_at is not null) as dead,
       (select last from signal_order) - s.position as behind,
       least((select min(d.at) from signal_deliveries d where d.stream_id = s.id and d.dead_at is null
                and d.kind <> 'stream-updated'),
             (select e.at from signal_events e where e.seq > s.position order by e.seq limit 1)) as oldest
from signal_streams s join relying_parties r on r.client_id = s.client_id
order by s.client_id

-- name: configure
update signal_streams
set method = $2, endpoint_url = $3, sealed_header = $4, events_requested = $5, description = $6,
    failures = 0, next_attempt_at = null
where id = $1

-- name: set_status
-- Who begins again after it was disabled begins with what happens from now on.
update signal_streams s
set status = $2, status_by = $3, reason = $4, changed_at = $5, failures = 0, next_attempt_at = null,
    position = case when s.status = 'disabled' and $2 <> 'disabled' then (select last from signal_order)
                    else s.position end
where s.id = $1

-- name: ask_for_verification
update signal_streams set verification_at = $2
where id = $1 and (verification_at is null or verification_at <= $3)
returning true

-- name: delete
delete from signal_streams where id = $1 returning true

-- name: remove_subject
insert into signal_removed_subjects (stream_id, user_id) select $1, id from users where id = $2
on conflict do nothing

-- name: add_subject
delete from signal_removed_subjects where stream_id = $1 and user_id = $2

-- name: years
select program, array_agg(school_year) as years from school_years group by program
