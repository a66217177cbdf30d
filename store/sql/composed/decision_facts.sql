-- What proves, at the moment of a question, that remembered facts are still true; put together by
-- store/decision_facts.py. One row per person that the question names, or one without a person.

-- name: proof
select {{mark}} as mark, e.version, e.epoch, u.id, u.status, u.access_version {{more}}
from access_state e left join users u on u.id = any({{people}})

-- name: in_union
, (select r.role_mode = 'union' from relying_parties r where r.client_id = {{client}}) as in_union

-- name: on_first_row
, case when row_number() over () = 1 then ({{value}}) end as {{column}}

-- name: groups
select array_agg(row(g.id, g.organization_id, o.level, g.lea_id, g.school_year))
from student_groups g join organizations o on o.id = g.organization_id where g.id = any({{ids}})

-- name: members
select array_agg(row(m.member_key, m.group_id)) from student_group_members m where m.member_key = any({{keys}})

-- name: assignments
select array_agg(row(a.id, a.user_id)) from role_assignments a where a.id = any({{ids}})
