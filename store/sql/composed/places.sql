-- Where the rows of each table lie, put together by store/placing.py: an array of (organization, level, LEA, program,
-- school year, role), each null where a row of the table has none.

-- name: of_user
-- Her current and upcoming assignments, suspended ones included, in all programs. Somebody without any lies in the
-- state itself and in no program.
coalesce(
    (select array_agg(row(a.organization_id, o.level, a.lea_id, a.program, a.school_year, a.role)
                      order by a.program, a.school_year, a.organization_id, a.role)
     from role_assignments a join organizations o on o.id = a.organization_id
     where a.user_id = {{t}}.id and {{counts_this_year}}),
    (select array_agg(row(s.id, s.level, null::uuid, ''::text, ''::text, null::text))
     from organizations s where s.level = 'state'))

-- name: of_organization
array[row({{t}}.id, {{t}}.level, {{t}}.lea_id, null::text, null::text, null::text)]

-- name: of_assignment
(select array[row(o.id, o.level, {{t}}.lea_id, {{t}}.program, {{t}}.school_year, {{t}}.role)]
 from organizations o where o.id = {{t}}.organization_id)

-- name: of_group
(select array[row(o.id, o.level, {{t}}.lea_id, null::text, {{t}}.school_year, null::text)]
 from organizations o where o.id = {{t}}.organization_id)
