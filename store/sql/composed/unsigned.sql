-- Forms that roles ask for and that aren't signed, put together by store/unsigned.py.

-- name: page
{{with}}
select distinct a.name_key, a.user_id, a.program, a.school_year, w.form
{{unsigned}} {{behind}}
order by a.name_key, a.user_id, a.program, a.school_year, w.form
limit {{limit}}

-- name: behind
 and (a.name_key, a.user_id, a.program, a.school_year, w.form)
    > ({{name_key}}, {{user_id}}, {{program}}, {{school_year}}, {{form}})

-- name: count
{{with}}
select count(*) from (select distinct a.user_id, a.program, a.school_year, w.form {{unsigned}} limit {{limit}}) found

-- name: people
{{with}}
select distinct a.user_id, a.program, a.school_year
{{unsigned}}
order by a.user_id, a.program, a.school_year

-- name: unsigned
-- `a` is an assignment that counts, of somebody who can sign; `w` a form that its role asks for.
from role_assignments a
join jsonb_to_recordset({{asked}}) as w (program text, school_year text, role text, form text)
    on w.program = a.program and w.school_year = a.school_year and w.role = a.role
join users u on u.id = a.user_id and u.status in ({{statuses}})
where a.status = 'active' and (a.last_day is null or a.last_day >= {{today}})
  and not exists (
    select from signed_forms sf
    where sf.user_id = a.user_id and sf.program = a.program and sf.school_year = a.school_year and sf.form = w.form)
  and {{reached}} {{narrowed}}

-- name: at_organization
 and (a.organization_id = {{organization}} or a.lea_id = {{organization}})

-- name: not_person
 and a.user_id <> {{user}}
