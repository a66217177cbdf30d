-- Rows of reports, put together by store/reports.py. `a` is an assignment within the caller's reach.

-- name: user_list
{{with}}
select u.first_name, u.last_name, o.code, u.email, u.phone, a.role, o.name, o.level, l.code as lea_code, a.program,
    a.school_year, u.status as account, a.status, a."primary", a.last_day, u.last_sign_in_at
from role_assignments a
join users u on u.id = a.user_id and u.status <> 'deleted'
join organizations o on o.id = a.organization_id
left join organizations l on l.id = a.lea_id
where {{reached}} {{narrowed}}
order by a.name_key, a.user_id, a.program, a.school_year, o.name_key, o.id

-- name: no_recent_sign_in
{{with}}
select u.first_name, u.last_name, u.email, u.status as account, u.last_sign_in_at, u.created_at,
    a.program, a.school_year, a.role, o.code, o.name
from role_assignments a
join users u on u.id = a.user_id and u.status in ('invited', 'active')
    and coalesce(u.last_sign_in_at, u.created_at) < {{before}}
join organizations o on o.id = a.organization_id
where {{reached}} {{narrowed}} and a.status = 'active'
order by u.last_sign_in_at nulls first, a.name_key, a.user_id, a.program, o.name_key, o.id

-- name: roles_by_school
{{with}}
select o.level, o.code, o.name, l.code as lea_code, a.program, a.school_year, a.role,
    count(*) filter (where a.status = 'active') as active, count(*) filter (where a.status = 'suspended') as suspended
from role_assignments a
join organizations o on o.id = a.organization_id
left join organizations l on l.id = a.lea_id
where {{reached}} {{narrowed}} and a.status in ('active', 'suspended')
group by o.level, o.code, o.name, o.name_key, o.id, l.code, a.program, a.school_year, a.role
order by l.code nulls first, o.level, o.name_key, o.id, a.program, a.school_year, a.role

-- name: schools_without
-- One row for each school and program of `sought` whose roles nobody holds there today.
{{with}}
select o.code, o.name, l.code as lea_code, l.name as lea_name, w.program, w.school_year
from organizations o
join organizations l on l.id = o.lea_id
cross join jsonb_to_recordset({{sought}}) as w (program text, school_year text, roles text[])
where o.level = 'school' and o.active and {{reached}} {{narrowed}}
  and not exists (
    select from role_assignments h join users u on u.id = h.user_id and u.status in ('invited', 'active')
    where h.organization_id = o.id and h.program = w.program and h.school_year = w.school_year
      and h.role = any(w.roles) and h.status = 'active' and (h.last_day is null or h.last_day >= {{today}}))
order by l.name_key, l.id, o.name_key, o.id, w.program

-- name: unsigned_forms
{{with}}
select u.first_name, u.last_name, u.email, o.code, o.name, a.program, a.school_year, a.role, w.form
from role_assignments a
join jsonb_to_recordset({{asked}}) as w (program text, school_year text, role text, form text)
    on w.program = a.program and w.school_year = a.school_year and w.role = a.role
join users u on u.id = a.user_id and u.status in ('invited', 'active', 'inactive')
join organizations o on o.id = a.organization_id
where a.status = 'active' and (a.last_day is null or a.last_day >= {{today}}) and {{reached}} {{narrowed}}
  and not exists (
    select from signed_forms sf
    where sf.user_id = a.user_id and sf.program = a.program and sf.school_year = a.school_year and sf.form = w.form)
order by a.name_key, a.user_id, a.program, a.school_year, w.form, o.name_key, o.id

-- name: at_organization
({{t}}.{{id}} = {{organization}} or {{t}}.lea_id = {{organization}})

-- name: of_program
a.program = {{program}}

-- name: of_year
a.school_year = {{year}}

-- name: this_year
{{counts}}
