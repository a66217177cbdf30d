-- Whether a row lies in one of many ranges, put together by store/ranges.py; few ranges are written out there.

-- name: table
{{reach}} as materialized (
    select * from jsonb_to_recordset({{ranges}}) as r (
        program text, school_year text, lea uuid, organization uuid,
        schools_only boolean, through_year boolean, roles text[])
)

-- name: organization_reached
exists (
    select from {{reach}} r
    where (r.lea is null or {{t}}.lea_id = r.lea)
      and (r.organization is null or {{t}}.id = r.organization)
      and (not r.schools_only or {{t}}.level = 'school')
      and cardinality(r.roles) = 0)

-- name: assignment_reached
exists (
    select from {{reach}} r
    where (r.lea is null or {{t}}.lea_id = r.lea)
      and (r.organization is null or {{t}}.organization_id = r.organization)
      and (not r.schools_only or {{t}}.organization_id <> {{t}}.lea_id)
      and (r.program is null or {{t}}.program = r.program)
      and (r.school_year is null or {{t}}.school_year = r.school_year
           or (r.through_year and {{t}}.school_year collate "C" < r.school_year))
      and (cardinality(r.roles) = 0 or {{t}}.role = any(r.roles)))

-- name: group_reached
exists (
    select from {{reach}} r
    where (r.lea is null or {{t}}.lea_id = r.lea)
      and (r.organization is null or {{t}}.organization_id = r.organization)
      and (not r.schools_only or {{t}}.organization_id <> {{t}}.lea_id)
      and (r.school_year is null or {{t}}.school_year = r.school_year
           or (r.through_year and {{t}}.school_year collate "C" < r.school_year))
      and cardinality(r.roles) = 0)

-- name: user_reached
exists (
    select from role_assignments ra
    where ra.user_id = {{t}}.id and {{counts_this_year}} and {{reached}})

-- name: counts_this_year
-- An assignment that says where a person lies: of a current or upcoming year, or of a role that is tied to none.
{{a}}.status <> 'expired' and ({{a}}.school_year = '' or exists (
    select from school_years y
    where y.program = {{a}}.program and y.school_year = {{a}}.school_year and y.status in ('current', 'upcoming')))
