-- Parts of statements, put together by store/reach.py and its callers: {{name}} stands for a parameter or another part.

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

-- name: unfilled
 and {{a}}.origin = 'directory' and not exists (
    select from role_assignments sf
    where sf.organization_id = {{a}}.organization_id and sf.program = {{a}}.program and sf.school_year = {{a}}.school_year
      and sf.role = {{role}} and sf.status <> 'expired' and (sf.last_day is null or sf.last_day >= {{today}}))

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
