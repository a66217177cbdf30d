-- Role assignments, put together by store/assignments.py.

-- name: columns
select a.id, a.user_id, a.program, a.role, a.organization_id, a.lea_id, o.level, a.school_year, a.status,
    a."primary", a.origin, a.assigned_by, a.assigned_under, a.assigned_at, a.last_day,
    {{in_own_systems}} as in_own_systems

-- name: by_ids
{{with}}
{{columns}}
from role_assignments a join organizations o on o.id = a.organization_id
where a.id = any({{ids}})

-- name: of_users
{{with}}
select c.* from unnest({{users}}) as w (user_id) cross join lateral (
    {{columns}}
    from role_assignments a join organizations o on o.id = a.organization_id
    where a.user_id = w.user_id
      and (a.program, a.school_year, a.organization_id, a.role)
          > ({{after_program}}, {{after_year}}, {{after_organization}}, {{after_role}})
      and {{reached}}
    order by a.program, a.school_year, a.organization_id, a.role
    limit {{limit}}) c
order by c.program, c.school_year, c.organization_id, c.role

-- name: count_of_users
{{with}}
select w.user_id, c.found from unnest({{users}}) as w (user_id) cross join lateral (
    select count(*) as found from (
        select from role_assignments a where a.user_id = w.user_id and {{reached}} limit {{limit}}) counted) c
