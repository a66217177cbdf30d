-- People and places as Smarter Balanced components list them, put together by store/smarter_people.py.

-- name: people
{{with}}
select u.id, u.first_name, u.last_name, count(*) over () as total
from users u
where u.status = 'active' and u.id in (
    select a.user_id
    from role_assignments a
    join organizations o on o.id = a.organization_id
    join jsonb_to_recordset({{roles}}) as w (program text, role text, level text)
        on w.program = a.program and w.role = a.role and w.level = o.level
    where o.code = {{code}} and {{reached}})
order by u.name_key, u.id
offset {{offset}} limit {{limit}}

-- name: places
{{with}}
select o.id, o.code, o.name
from organizations o join organizations p on p.id = o.parent_id
where o.level = {{level}} and p.code = {{parent}} and o.active and {{reached}}
order by o.name_key, o.id
