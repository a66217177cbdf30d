-- Role assignments, put together by store/assignments.py.

-- name: columns
select a.id, a.user_id, a.program, a.role, a.organization_id, a.lea_id, o.level, a.school_year, a.status,
    a."primary", a.origin, a.assigned_by, a.assigned_under, a.assigned_at, a.last_day, a.version,
    {{in_own_systems}} as in_own_systems

-- name: by_ids
{{columns}}
from role_assignments a join organizations o on o.id = a.organization_id
where a.id = any({{ids}})
