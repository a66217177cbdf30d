-- Roles whose last day is over: they give no access, and a night later nothing else follows from them.

-- name: due
select distinct a.user_id from role_assignments a
where a.last_day >= $1 and a.last_day < $2 and a.status <> 'expired' and a.user_id > $3
  and (a.school_year = '' or exists (
      select from school_years y
      where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming')))
order by a.user_id limit $4

-- name: unseat
update role_assignments set "primary" = false, version = version + 1
where user_id = any($1::uuid[]) and "primary" and last_day < $2 and status <> 'expired'
returning id, user_id

-- name: inactivate
-- Whoever has no role left that is to come, goes on, or is suspended.
update users u set status = 'inactive', version = version + 1
where u.id = any($1::uuid[]) and u.status in ('active', 'invited') and not exists (
    select from role_assignments a
    where a.user_id = u.id and a.status <> 'expired' and (a.last_day is null or a.last_day >= $2)
      and (a.school_year = '' or exists (
          select from school_years y
          where y.program = a.program and y.school_year = a.school_year and y.status in ('current', 'upcoming'))))
returning u.id
