-- Reading the audit trail: pages from the newest event back, a count, and what each names.

-- name: page
select e.id, e.at, e.actor_id, e.actor_client, e.acting_under, e.operator_reason, e.action, e.outcome, e.target_type,
    e.target_id, e.before, e.after, e.rule, e.reason, e.request_id, e.subject_id, e.organization_id, e.personal,
    nullif(a.first_name || ' ' || a.last_name, ' ') as actor_name,
    nullif(s.first_name || ' ' || s.last_name, ' ') as subject_name
from audit_events e
left join users a on a.id = e.actor_id
left join users s on s.id = e.subject_id
where {{wanted}}
order by e.id desc
limit {{limit}}

-- name: count
select count(*) from (select from audit_events e where {{wanted}} limit {{limit}}) counted

-- name: everything
true

-- name: narrowed
{{column}} = {{value}}

-- name: since
e.at >= {{value}}

-- name: until
e.at < {{value}}

-- name: behind
e.id < {{value}}
