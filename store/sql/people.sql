-- Everything that decides what persons may do, a row per person, and the version that it is of.

-- name: load
select u.id, u.status, greatest(u.access_version, e.epoch) as version,
    (select array_agg(row(a.id, a.program, a.role, a.school_year, a.status, a."primary", a.last_day,
                          o.id, o.level, o.code, o.name, o.lea_id, l.code, o.active)
                      order by a.program, a.school_year, a.organization_id, a.role)
     from role_assignments a
     join organizations o on o.id = a.organization_id
     left join organizations l on l.id = o.lea_id
     where a.user_id = u.id and a.status <> 'expired' and (a.school_year = '' or exists (
         select from school_years y
         where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming')))
    ) as assignments,
    (select array_agg(row(f.program, f.form, f.school_year)) from signed_forms f where f.user_id = u.id) as forms,
    (select array_agg(row(c.lea_id, c.expires_on) order by c.lea_id, c.expires_on)
     from credentials c where c.user_id = u.id) as credentials,
    (select array_agg(row(g.id, g.organization_id, g.lea_id, g.school_year) order by g.id)
     from student_group_users m join student_groups g on g.id = m.group_id where m.user_id = u.id) as rosters,
    (select array_agg(row(f.program, f.school_year, f.organization_id, f.role, f.until)
                      order by f.program, f.school_year, f.organization_id, f.role)
     from (select h.program, h.school_year, h.organization_id, c.role,
               nullif(max(coalesce(c.last_day, 'infinity')), 'infinity') as until
           from role_assignments h
           join role_assignments c on c.organization_id = h.organization_id and c.program = h.program
               and c.school_year = h.school_year and c.status <> 'expired'
           where h.user_id = u.id and h.origin = 'directory' and h.status <> 'expired'
           group by h.program, h.school_year, h.organization_id, c.role) f) as filled,
    (select array_agg(distinct h.organization_id) from role_assignments h where h.user_id = u.id) as organizations
from users u cross join access_state e
where u.id = any($1::uuid[])

-- name: years
select program, school_year, status from school_years where status in ('current', 'upcoming')
