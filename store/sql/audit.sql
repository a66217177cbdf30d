-- The audit trail: the serving role can only read it and add to it.

-- name: record
-- The transaction has its number before the event has its own: sealing rests on that order.
insert into audit_events (xact, actor_id, actor_client, acting_under, operator_reason, action, outcome, target_type,
    target_id, before, after, rule, reason, request_id, subject_id, organization_id, personal)
select begun.xact, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
from (select pg_current_xact_id() as xact offset 0) begun

-- name: begin_many
select pg_current_xact_id()

-- name: record_derived
-- What this transaction gave and took of the roles that follow from the directory, an event for each.
insert into audit_events (actor_id, acting_under, operator_reason, action, outcome, target_type, target_id, before, after,
    reason, subject_id, organization_id)
select $1, $2, $3, $4, 'allowed', 'role_assignment', changed.id::text,
    case when changed.taken then changed.role_of end, case when not changed.taken then changed.role_of end, $5,
    changed.user_id, changed.organization_id
from (
    select id, user_id, organization_id, false as taken, jsonb_build_object('user', user_id, 'program', program,
        'role', role, 'school_year', school_year, 'organization', organization_id, 'primary', "primary") as role_of
    from role_assignments where origin = 'directory' and known_since = now()
    union all
    select id, user_id, organization_id, true, jsonb_build_object('user', user_id, 'program', program,
        'role', role, 'school_year', school_year, 'organization', organization_id, 'primary', "primary")
    from role_assignment_history h where origin = 'directory' and valid_to = now()
        and not exists (select from role_assignments a where a.id = h.id)) changed
order by changed.user_id, changed.id
