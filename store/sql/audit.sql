-- The audit trail: the serving role can only read it and add to it.

-- name: record
insert into audit_events (actor_id, actor_client, acting_under, operator_reason, action, outcome, target_type,
    target_id, before, after, rule, reason, request_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
