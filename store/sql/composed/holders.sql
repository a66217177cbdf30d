-- Who holds given roles at given organizations, put together by store/holders.py.

-- name: of_roles
{{with}}
select w.number, found.user_id
from jsonb_to_recordset({{sought}}) as w (
    number integer, program text, school_year text, role text, "primary" boolean, organization uuid)
cross join lateral (
    select a.user_id, a."primary", a.name_key
    from role_assignments a
    where a.organization_id = w.organization
      and a.program = w.program and a.school_year = w.school_year and a.role = w.role
      and a.status = 'active' and (a."primary" or not w."primary")
      and (a.last_day is null or a.last_day >= {{today}})
      and exists (select from users u where u.id = a.user_id and u.status = 'active')
      and {{reached}}
    order by a."primary" desc, a.name_key, a.user_id
    limit {{limit}}) found
order by w.number, found."primary" desc, found.name_key, found.user_id
