-- What proves, at the moment of a question, that remembered facts are still true; put together by
-- store/decision_facts.py. One row per person that the question names, or one without a person.

-- name: proof_of_nobody
select {{mark}} as mark, e.version, e.epoch, null::uuid as id {{more}} from access_state e

-- name: proof_of_one
-- Apart from the next one, whose plan the server would make anew each time.
select {{mark}} as mark, e.version, e.epoch, u.id, u.status, u.access_version {{more}}
from access_state e left join users u on u.id = {{people}}

-- name: proof_of_many
select {{mark}} as mark, e.version, e.epoch, u.id, u.status, u.access_version {{more}}
from access_state e left join users u on u.id = any({{people}})

-- name: on_first_row
, case when row_number() over () = 1 then ({{value}}) end as {{column}}

-- name: groups
select array_agg(row(g.id, g.organization_id, o.level, g.lea_id, g.school_year))
from student_groups g join organizations o on o.id = g.organization_id where g.id = any({{ids}})

-- name: members
select array_agg(row(m.member_key, m.group_id)) from student_group_members m where m.member_key = any({{ids}})

-- name: assignments
select array_agg(row(a.id, a.user_id)) from role_assignments a where a.id = any({{ids}})

-- name: caller_stands
-- One row where the mark is as expected, else none.
select true where {{mark}} = {{expected}}

-- name: both_stand
-- One row where, besides, the person is of this status and version; the epoch is part of the mark.
select true from users u
where u.id = {{person}} and u.status = {{status}} and greatest(u.access_version, {{epoch}}) = {{version}}
  and {{mark}} = {{expected}}
