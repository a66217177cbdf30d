-- Organizations, put together by store/organizations.py.

-- name: columns
select o.id, o.level, o.code, o.name, o.name_key, o.parent_id, o.lea_id, l.code as lea_code, o.funding, o.active,
    o.version, {{in_own_systems}} as in_own_systems

-- name: by_ids
{{columns}}
from organizations o left join organizations l on l.id = o.lea_id
where o.id = any({{ids}})

-- name: by_codes
{{columns}}
from unnest({{levels}}, {{codes}}) as w (level, code)
join organizations o on o.level = w.level and o.code = w.code
left join organizations l on l.id = o.lea_id
