-- Daily counts of people by role and system, kept as runs of days with the same number.

-- name: leas
select id from organizations where level = 'lea' and ($1::uuid is null or id > $1) order by id limit $2

-- name: of_leas
select id from organizations where lea_id = any({{leas}})

-- name: of_state
select id from organizations where level = 'state'

-- name: undo_begun
delete from daily_counts where from_day = {{day}} and organization_id in ({{organizations}})

-- name: undo_ended
update daily_counts set to_day = null where to_day = {{day}} - 1 and organization_id in ({{organizations}})

-- name: placed_in_leas
select organization_id as place, program, school_year, role, user_id from held where lea_id = any({{leas}})
union all
select lea_id, program, school_year, role, user_id from held where lea_id = any({{leas}}) and lea_id <> organization_id

-- name: placed_in_state
select o.id as place, program, school_year, role, user_id from held cross join organizations o where o.level = 'state'

-- name: count
-- Whoever holds a role that counts on this day, with an account that is active.
with held as not materialized (
    select a.organization_id, a.lea_id, a.program, a.school_year, a.role, a.user_id
    from role_assignments a join users u on u.id = a.user_id and u.status = 'active'
    where a.status = 'active' and (a.last_day is null or a.last_day >= {{day}})
        and (a.school_year = '' or exists (
            select from school_years y
            where y.program = a.program and y.school_year = a.school_year and y.status = 'current'))),
placed as ({{placed}}),
gives as (
    select g.* from jsonb_to_recordset({{gives}}) as g (program text, school_year text, role text, system text)),
today as materialized (
    select place, 'role' as kind, program, school_year, role as name, count(distinct user_id)::int as people
    from placed group by place, program, school_year, role
    union all
    select p.place, 'system', p.program, p.school_year, g.system, count(distinct p.user_id)::int
    from placed p join gives g on g.program = p.program and g.school_year = p.school_year and g.role = p.role
    group by p.place, p.program, p.school_year, g.system),
ended as (
    update daily_counts d set to_day = {{day}} - 1
    where d.to_day is null and d.organization_id in ({{organizations}}) and not exists (
        select from today t
        where t.place = d.organization_id and t.kind = d.kind and t.program = d.program
            and t.school_year = d.school_year and t.name = d.name and t.people = d.people)
    returning d.organization_id)
insert into daily_counts (organization_id, kind, program, school_year, name, from_day, people)
select t.place, t.kind, t.program, t.school_year, t.name, {{day}}, t.people from today t
where not exists (
    select from daily_counts d
    where d.to_day is null and d.organization_id = t.place and d.kind = t.kind and d.program = t.program
        and d.school_year = t.school_year and d.name = t.name and d.people = t.people)

-- name: between
select kind, program, school_year, name, greatest(from_day, $2::date) as from_day,
    least(coalesce(to_day, $3::date), $3::date) as to_day, people
from daily_counts
where organization_id = $1 and from_day <= $3 and (to_day is null or to_day >= $2)
order by program, school_year, kind, name, from_day
limit $4
