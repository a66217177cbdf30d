-- The audit trail: the serving role can only read it and add to it.

-- name: record
-- The transaction has its number before the event has its own: sealing rests on that order.
insert into audit_events (xact, actor_id, actor_client, acting_under, operator_reason, action, outcome, target_type,
    target_id, before, after, rule, reason, request_id, subject_id, organization_id, personal)
select begun.xact, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
from (select pg_current_xact_id() as xact offset 0) begun

-- name: begin_many
select pg_current_xact_id()
