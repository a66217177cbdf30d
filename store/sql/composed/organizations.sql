-- Organizations, put together by store/organizations.py.

-- name: columns
select o.id, o.level, o.code, o.name, o.name_key, o.parent_id, o.lea_id, l.code as lea_code, o.funding, o.active,
    o.version, {{in_own_systems}} as in_own_systems

-- name: by_ids
{{with}}
{{columns}}
from organizations o left join organizations l on l.id = o.lea_id
where o.id = any({{ids}})

-- name: by_codes
{{with}}
{{columns}}
from unnest({{levels}}, {{codes}}) as w (level, code)
join organizations o on o.level = w.level and o.code = w.code
left join organizations l on l.id = o.lea_id

-- name: page_of_all
{{with}}
{{columns}}
from organizations o left join organizations l on l.id = o.lea_id
where (o.name_key, o.id) > ({{after_key}}, {{after_id}}) {{filters}}
order by o.name_key, o.id limit {{limit}}

-- name: page_of_reach
{{with}}
{{columns}}
from (
    select c.name_key, c.id from reach r cross join lateral (
        select o.name_key, o.id from organizations o
        where o.lea_id = r.lea and (not r.schools_only or o.level = 'school')
          and (o.name_key, o.id) > ({{after_key}}, {{after_id}}) {{filters}}
        order by o.name_key, o.id limit {{limit}}) c
    where r.lea is not null and cardinality(r.roles) = 0
    union
    select o.name_key, o.id from reach r
    join organizations o on o.id = r.organization
    where cardinality(r.roles) = 0 and (not r.schools_only or o.level = 'school')
      and (o.name_key, o.id) > ({{after_key}}, {{after_id}}) {{filters}}
    order by name_key, id limit {{limit}}) p
join organizations o on o.id = p.id
left join organizations l on l.id = o.lea_id
order by p.name_key, p.id

-- name: count
{{with}}
select count(*) from (
    select from organizations o where {{reached}} {{filters}} limit {{limit}}) counted
