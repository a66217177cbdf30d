-- Parts of statements, put together by store/reach.py and its callers: {{name}} stands for a parameter or another part.

-- name: reach_rows
reach as materialized (
    select * from jsonb_to_recordset({{ranges}}) as r (
        program text, school_year text, lea uuid, organization uuid,
        schools_only boolean, through_year boolean, roles text[])
)

-- name: organization_reached
exists (
    select from reach r
    where (r.lea is null or {{o}}.lea_id = r.lea)
      and (r.organization is null or {{o}}.id = r.organization)
      and (not r.schools_only or {{o}}.level = 'school')
      and cardinality(r.roles) = 0)

-- name: assignment_reached
exists (
    select from reach r
    where (r.lea is null or {{a}}.lea_id = r.lea)
      and (r.organization is null or {{a}}.organization_id = r.organization)
      and (not r.schools_only or {{a}}.organization_id <> {{a}}.lea_id)
      and (r.program is null or {{a}}.program = r.program)
      and (r.school_year is null or {{a}}.school_year = r.school_year
           or (r.through_year and {{a}}.school_year collate "C" < r.school_year))
      and (cardinality(r.roles) = 0 or {{a}}.role = any(r.roles)))

-- name: group_reached
exists (
    select from reach r
    where (r.lea is null or {{g}}.lea_id = r.lea)
      and (r.organization is null or {{g}}.organization_id = r.organization)
      and (not r.schools_only or {{g}}.organization_id <> {{g}}.lea_id)
      and (r.school_year is null or {{g}}.school_year = r.school_year
           or (r.through_year and {{g}}.school_year collate "C" < r.school_year))
      and cardinality(r.roles) = 0)

-- name: counts_this_year
-- An assignment that says where a person lies: of a current or upcoming year, or of a role that is tied to none.
{{a}}.status <> 'expired' and ({{a}}.school_year = '' or exists (
    select from school_years y
    where y.program = {{a}}.program and y.school_year = {{a}}.school_year and y.status in ('current', 'upcoming')))

-- name: gives
-- Whether the assignment gives, by one of the rules, a grant today; the same answer as policy.grants.access_of. Its
-- organization is in sight as `o`; that its person is active is looked at once, outside.
{{a}}.status = 'active' and ({{a}}.last_day is null or {{a}}.last_day >= {{today}}) and {{o}}.active and ({{ways}})

-- name: way
({{a}}.program = {{program}} and {{a}}.school_year = {{year}} and {{a}}.role in ({{roles}})
 and {{o}}.level in ({{levels}}){{steps}})

-- name: forms_signed
 and {{many}} = (
    select count(*) from signed_forms sf
    where sf.user_id = {{a}}.user_id and sf.program = {{a}}.program and sf.school_year = {{a}}.school_year
      and sf.form in ({{forms}}))

-- name: credential_good
 and exists (
    select from credentials sc
    where sc.user_id = {{a}}.user_id and sc.lea_id = {{o}}.lea_id and sc.expires_on >= {{today}})

-- name: roster_given
 and exists (
    select from student_group_users gu join student_groups sg on sg.id = gu.group_id
    where gu.user_id = {{a}}.user_id and sg.school_year = {{a}}.school_year
      and case {{o}}.level when 'lea' then sg.lea_id = {{o}}.id else sg.organization_id = {{o}}.id end)

-- name: assignment_in_own_systems
-- A value of one row, not `exists`: that the planner may work out for all rows at once, before a limit.
coalesce((
    select true from organizations so join users su on su.id = {{a}}.user_id
    where so.id = {{a}}.organization_id and su.status = 'active' and {{gives}} limit 1), false)

-- name: user_in_own_systems
coalesce((
    select true from users su join role_assignments sa on sa.user_id = su.id join organizations so on so.id = sa.organization_id
    where su.id = {{u}} and su.status = 'active' and {{gives}} limit 1), false)

-- name: organization_in_own_systems
(coalesce((
    select true from role_assignments sa
    join organizations so on so.id = sa.organization_id join users su on su.id = sa.user_id
    where sa.organization_id = {{o}}.id and su.status = 'active' and {{gives}} limit 1), false)
 or ({{o}}.level = 'lea' and coalesce((
    select true from role_assignments sa
    join organizations so on so.id = sa.organization_id join users su on su.id = sa.user_id
    where sa.lea_id = {{o}}.id and su.status = 'active' and {{gives}} limit 1), false)))
