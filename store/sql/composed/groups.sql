-- Student groups, put together by store/groups.py.

-- name: columns
select g.id, g.organization_id, g.lea_id, o.level, g.school_year, g.name, g.name_key, g.subject, g.student_count,
    g.version

-- name: by_ids
{{columns}}
from student_groups g join organizations o on o.id = g.organization_id
where g.id = any({{ids}})

-- name: of_organizations
{{with}}
select c.* from unnest({{organizations}}) as w (organization_id) cross join lateral (
    {{columns}}
    from student_groups g join organizations o on o.id = g.organization_id
    where g.organization_id = w.organization_id
      and (g.school_year, g.name_key) > ({{after_year}}, {{after_key}})
      and {{reached}}
    order by g.school_year, g.name_key
    limit {{limit}}) c
order by c.school_year, c.name_key

-- name: count_of_organizations
{{with}}
select w.organization_id, c.found from unnest({{organizations}}) as w (organization_id) cross join lateral (
    select count(*) as found from (
        select from student_groups g where g.organization_id = w.organization_id and {{reached}}
        limit {{limit}}) counted) c
