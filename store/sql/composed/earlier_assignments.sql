-- Assignments of one program and year at an organization, whoever held them: the columns and where they come from.

-- name: columns
select a.id, a.user_id, u.first_name, u.last_name, u.status as account, a.program, a.role, a.school_year, a.status,
    a.was_suspended, a.name_key, o.id as organization_id, o.level, o.code, o.name, o.lea_id, l.code as lea_code,
    o.active, o.merged_into,
    exists (select from email_changes e
            where e.user_id = a.user_id and e.requested_by <> a.user_id and e.applied_at > a.assigned_at) as readdressed,
    exists (select from not_brought_back n where n.assignment_id = a.id and n.into_year = $1) as left_out

-- name: in_lea
{{columns}}
from role_assignments a
join users u on u.id = a.user_id join organizations o on o.id = a.organization_id
left join organizations l on l.id = o.lea_id
where a.lea_id = $2 and a.program = $3 and a.school_year = $4 and (cardinality($5::text[]) = 0 or a.role = any($5))
  and u.status <> 'deleted' and (a.name_key, a.user_id, a.id) > ($6, $7, $8)
order by a.name_key, a.user_id, a.id limit $9

-- name: at_organization
{{columns}}
from role_assignments a
join users u on u.id = a.user_id join organizations o on o.id = a.organization_id
left join organizations l on l.id = o.lea_id
where a.organization_id = $2 and a.program = $3 and a.school_year = $4
  and (cardinality($5::text[]) = 0 or a.role = any($5))
  and u.status <> 'deleted' and (a.name_key, a.user_id, a.id) > ($6, $7, $8)
order by a.name_key, a.user_id, a.id limit $9

-- name: by_ids
{{columns}}
from role_assignments a
join users u on u.id = a.user_id join organizations o on o.id = a.organization_id
left join organizations l on l.id = o.lea_id
where a.id = any($2::uuid[]) and u.status <> 'deleted'
