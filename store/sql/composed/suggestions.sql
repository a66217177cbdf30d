-- Suggested roles, put together by store/suggestions.py.

-- name: columns
select s.id, s.program, s.school_year, s.organization_id, s.role, s.source_role, s.source_row, s.email, s.email_key,
    s.first_name, s.last_name, s.name_key, s.phone, s.state, s.sent_by, s.sent_at, s.decided_by, s.decided_at,
    s.assignment_id, coalesce(s.user_id, u.id) as user_id
from role_suggestions s left join users u on u.email_key = s.email_key

-- name: page
{{columns}}
where s.organization_id = any($1::uuid[]) and s.program = $2 and s.school_year = $3 and s.state = $4
  and (s.name_key, s.id) > ($5, $6)
order by s.name_key, s.id limit $7

-- name: by_ids
{{columns}}
where s.id = any($1::uuid[])
order by s.name_key, s.id
for update of s

-- name: open_at
{{columns}}
where s.organization_id = $1 and s.program = $2 and s.school_year = $3 and s.state = 'open' and s.role is not null
order by s.name_key, s.id limit $4
for update of s
