-- Candidates of the decision API's searches, in the order of their ids; put together by store/decision_searches.py.

-- name: holders
-- Who holds one of these roles at one of these organizations, or at the state; and who holds one of `anywhere` at all.
with wanted as materialized (
    select * from jsonb_to_recordset({{roles}}) as w (program text, role text, school_year text, anywhere boolean)
), candidates as (
    select a.user_id from wanted w
    join role_assignments a
      on a.program = w.program and a.role = w.role and a.school_year = w.school_year and a.status = 'active'
    where a.organization_id = any({{organizations}} || array(select s.id from organizations s where s.level = 'state'))
      and a.user_id > {{after}}
    union
    select a.user_id from wanted w
    join role_assignments a
      on w.anywhere and a.program = w.program and a.role = w.role and a.school_year = w.school_year
         and a.status = 'active'
    where a.user_id > {{after}}
    union
    select u.id from users u where u.id = any({{people}}) and u.id > {{after}}
)
select user_id from candidates order by user_id limit {{limit}}

-- name: groups_of_all
{{with}}
select g.id from student_groups g where g.id > {{after}} and {{reached}} order by g.id limit {{limit}}

-- name: groups_of_reach
{{with}}
select id from (
    select g.id from student_groups g where g.id = any({{groups}}) and g.id > {{after}}
    union
    select g.id from organizations o join student_groups g on g.organization_id = o.id
    where (o.id = any({{organizations}}) or o.lea_id = any({{leas}})) and g.id > {{after}} and {{reached}}) found
order by id limit {{limit}}
