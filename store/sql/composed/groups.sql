-- Student groups, put together by store/groups.py.

-- name: columns
select g.id, g.organization_id, g.lea_id, o.level, g.school_year, g.name, g.name_key, g.subject, g.student_count,
    g.version

-- name: by_ids
{{columns}}
from student_groups g join organizations o on o.id = g.organization_id
where g.id = any({{ids}})
