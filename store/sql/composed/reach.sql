-- Parts of statements, put together by store/reach.py and its callers: {{name}} stands for a parameter or another part.

-- name: reach_rows
reach as materialized (
    select * from jsonb_to_recordset({{ranges}}) as r (
        program text, school_year text, lea uuid, organization uuid,
        schools_only boolean, through_year boolean, roles text[])
)

-- name: own_rows
own_rules as materialized (
    select * from jsonb_to_recordset({{rules}}) as s (
        program text, role text, school_year text, levels text[], forms text[], credential boolean, roster boolean)
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
-- Whether the assignment gives, by the rule `s`, a grant today; the same answer as policy.grants.access_of.
{{a}}.status = 'active'
and ({{a}}.last_day is null or {{a}}.last_day >= {{today}})
and exists (select from users su where su.id = {{a}}.user_id and su.status = 'active')
and exists (
    select from organizations so
    where so.id = {{a}}.organization_id and so.active and so.level = any(s.levels)
      and (not s.credential or exists (
          select from credentials sc
          where sc.user_id = {{a}}.user_id and sc.lea_id = so.lea_id and sc.expires_on >= {{today}}))
      and (not s.roster or exists (
          select from student_group_users gu join student_groups sg on sg.id = gu.group_id
          where gu.user_id = {{a}}.user_id and sg.school_year = {{a}}.school_year
            and case so.level when 'lea' then sg.lea_id = so.id else sg.organization_id = so.id end)))
and not exists (
    select from unnest(s.forms) as f (slug)
    where not exists (
        select from signed_forms sf
        where sf.user_id = {{a}}.user_id and sf.program = {{a}}.program
          and sf.form = f.slug and sf.school_year = {{a}}.school_year))

-- name: assignment_in_own_systems
exists (
    select from own_rules s
    where s.program = {{a}}.program and s.role = {{a}}.role and s.school_year = {{a}}.school_year
      and {{gives}})

-- name: user_in_own_systems
exists (select from role_assignments sa where sa.user_id = {{u}} and {{assignment_in_own_systems}})

-- name: organization_in_own_systems
(exists (select from role_assignments sa where sa.organization_id = {{o}}.id and {{assignment_in_own_systems}})
 or ({{o}}.level = 'lea'
     and exists (select from role_assignments sa where sa.lea_id = {{o}}.id and {{assignment_in_own_systems}})))
