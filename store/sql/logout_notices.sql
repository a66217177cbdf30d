-- Logout notices on their way.

-- name: begin
update logout_notices n
set state = 'sending', sending_by = $2, sending_until = now() + $3::interval, attempts = attempts + 1,
    last_attempt_at = now(), next_attempt_at = null
from relying_parties r
where n.id = $1 and r.client_id = n.client_id
  and (n.state in ('queued', 'failed') or (n.state = 'sending' and n.sending_until < now()))
returning n.id, n.session_id, n.user_id, n.client_id, n.attempts, now() - n.created_at as waited, r.id_token_alg,
    case when r.active then r.backchannel_logout_uri end as backchannel_logout_uri

-- name: busy_for
select greatest(sending_until - now(), interval '1 second') from logout_notices where id = $1 and state = 'sending'

-- name: sent
update logout_notices
set state = 'sent', sent_at = now(), answer_code = $2, problem = null, sending_by = null, sending_until = null
where id = $1

-- name: failed
update logout_notices n
set state = case when exists (
        select from logout_notices later
        where later.session_id = n.session_id and later.client_id = n.client_id and later.id <> n.id
          and later.state in ('queued', 'failed')) then 'dropped' else 'failed' end,
    answer_code = $3, problem = $4, next_attempt_at = now() + $5::interval, sending_by = null, sending_until = null
where id = $1 and sending_by = $2

-- name: given_up
update logout_notices
set state = $3, answer_code = $4, problem = $5, sending_by = null, sending_until = null
where id = $1 and sending_by = $2

-- name: lost
-- Overdue, and no job will come for it: its job was lost with a process and its connection in one moment.
select n.id from logout_notices n
where n.state in ('queued', 'failed', 'sending')
  and greatest(n.created_at, n.next_attempt_at, n.sending_until) < now() - interval '15 minutes'
  and not exists (
      select from pgqueuer j
      where j.entrypoint = 'logout-notice' and j.payload = uuid_send(n.id) and j.status in ('queued', 'picked'))
limit 1000
