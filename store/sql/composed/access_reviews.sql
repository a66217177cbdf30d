-- Access reviews as their reader sees them, put together by store/access_reviews.py and its neighbors. `i` is an item,
-- `a` its assignment while it counts, `r` a review.

-- name: begin
with review as (
    insert into access_reviews (id, program, school_year, organization_id, lea_id, due_on, unanswered, started_by,
        started_under, started_at)
    select {{id}}, {{program}}, {{year}}, o.id, o.lea_id, {{due_on}}, {{unanswered}}, {{by}}, {{under}}, {{now}}
    from organizations o where o.id = {{organization}}
), items as (
    insert into access_review_items (id, review_id, assignment_id, user_id, program, school_year, role,
        organization_id, lea_id, name_key, "primary", status, last_day)
    select gen_random_uuid(), {{id}}, a.id, a.user_id, a.program, a.school_year, a.role, a.organization_id, a.lea_id,
        a.name_key, a."primary", a.status, a.last_day
    from role_assignments a
    where a.program = {{program}} and a.school_year = {{year}} and a.origin <> 'directory'
      and a.role = any({{roles}}) and a.status in ('active', 'suspended')
      and (a.last_day is null or a.last_day >= {{today}}) {{within}}
    returning id
)
select count(*) from items

-- name: in_lea
 and a.lea_id = {{organization}}

-- name: at_organization
 and a.organization_id = {{organization}}

-- name: reviews
{{with}}
select r.id, r.program, r.school_year, r.organization_id, r.due_on, r.unanswered, r.started_by, r.started_under,
    r.started_at, r.closing_at, r.closed_at
from (select *, '' as role from access_reviews) r
where ({{managed}} or exists (select from access_review_items i where i.review_id = r.id and {{reached}})) {{narrowed}}
order by r.started_at desc, r.id desc
limit {{limit}}

-- name: count_reviews
{{with}}
select count(*) from (
    select from (select *, '' as role from access_reviews) r
    where ({{managed}} or exists (select from access_review_items i where i.review_id = r.id and {{reached}}))
      {{narrowed}} limit {{limit}}) found

-- name: behind_review
 and (r.started_at, r.id) < ({{started_at}}, {{id}})

-- name: only_reviews
 and r.id = any({{ids}})

-- name: of_program
 and r.program = {{program}}

-- name: open
 and r.closed_at is null

-- name: closed
 and r.closed_at is not null

-- name: items
{{with}}
select i.id, i.review_id, i.assignment_id, i.user_id, i.program, i.school_year, i.role, i.organization_id, i.name_key,
    i."primary", i.status, i.last_day, i.answer, i.reason, i.answered_by, i.answered_under, i.answered_at, i.outcome,
    a.status as status_now, a."primary" as primary_now, a.last_day as last_day_now,
    o.level, o.code, o.name, o.lea_id, o.active, u.first_name, u.last_name, {{somebody}} as somebody
{{from}}
order by i.name_key, i.user_id, i.id
limit {{limit}}

-- name: count_items
{{with}}
select count(*) from (select {{from}} limit {{limit}}) found

-- name: from_items
from access_review_items i
left join role_assignments a on {{live}}
join organizations o on o.id = i.organization_id
join users u on u.id = i.user_id
where {{reached}} {{narrowed}}

-- name: live
a.id = i.assignment_id and a.status <> 'expired' and (a.last_day is null or a.last_day >= {{today}})

-- name: of_review
 and i.review_id = {{review}}

-- name: of_ids
 and i.id = any({{ids}})

-- name: behind_item
 and (i.name_key, i.user_id, i.id) > ({{name_key}}, {{user_id}}, {{id}})

-- name: answered
 and i.answer is not null

-- name: unanswered
 and i.answer is null and i.outcome is null and a.id is not null

-- name: mine
-- Those that the caller may answer: by a role of the program, or as the state where nobody could.
 and (a.id is not null and i.user_id <> {{user}}
      and (case when a."primary" then {{primary}} else {{others}} end {{state}})) is {{mine}}

-- name: as_state
 or not {{somebody}}

-- name: somebody
-- Whether anybody but its holder has a role by which this item is answered, or stands in for one who would.
exists (
    select from answerers w
    join role_assignments h on h.organization_id = case w.reach
            when 'state' then (select id from organizations where level = 'state')
            when 'site' then i.organization_id else i.lea_id end
        and h.program = i.program and h.school_year = i.school_year and h.role = w.holder
        and h."primary" = w.holder_primary and {{counts}}
    join users hu on hu.id = h.user_id and hu.status in ('invited', 'active')
    where w.program = i.program and w.school_year = i.school_year and w.role = i.role
      and w."primary" = coalesce(a."primary", i."primary") and h.user_id <> i.user_id
      and (w.reach <> 'schools' or i.organization_id <> i.lea_id) and {{unfilled}})

-- name: answerers
answerers as materialized (
    select * from jsonb_to_recordset({{rows}}) as w (program text, school_year text, role text, "primary" boolean,
        holder text, holder_primary boolean, reach text, stands_in_for text)
)

-- name: counts
h.status = 'active' and (h.last_day is null or h.last_day >= {{today}})

-- name: unfilled
-- She stands in while nobody, suspended ones included, is assigned the role.
(w.stands_in_for is null or h.origin = 'directory' and not exists (
    select from role_assignments f
    where f.organization_id = h.organization_id and f.program = h.program and f.school_year = h.school_year
      and f.role = w.stands_in_for and f.status <> 'expired' and (f.last_day is null or f.last_day >= {{today}})))

-- name: whom_to_remind
-- Everybody by whose role an open item of the review is answered. Items that look alike are looked at once; of those
-- with a single holder that holder is no one to answer.
with {{answerers}}, open_items as (
    select i.program, i.school_year, i.role, a."primary", i.organization_id, i.lea_id, min(i.user_id::text) as one,
        max(i.user_id::text) as other
    from access_review_items i join role_assignments a on {{live}}
    where i.review_id = {{review}} and i.answer is null and i.outcome is null
    group by i.program, i.school_year, i.role, a."primary", i.organization_id, i.lea_id
)
select distinct h.user_id
from open_items i
join answerers w on w.program = i.program and w.school_year = i.school_year and w.role = i.role
    and w."primary" = i."primary" and (w.reach <> 'schools' or i.organization_id <> i.lea_id)
join role_assignments h on h.organization_id = case w.reach
        when 'state' then (select id from organizations where level = 'state')
        when 'site' then i.organization_id else i.lea_id end
    and h.program = i.program and h.school_year = i.school_year and h.role = w.holder
    and h."primary" = w.holder_primary and {{counts}}
join users hu on hu.id = h.user_id and hu.status in ('invited', 'active')
where (i.one <> i.other or i.one <> h.user_id::text) and {{unfilled}}
order by h.user_id

-- name: progress
{{with}}
select {{key}}, count(*) as items,
    count(*) filter (where i.answer is not null) as answered,
    count(*) filter (where i.answer = 'keep') as kept,
    count(*) filter (where i.answer = 'remove') as removed,
    count(*) filter (where {{gone}}) as gone,
    count(*) filter (where i.answer is null and not {{gone}}) as unanswered,
    count(*) filter (where i.outcome = 'suspended') as suspended,
    count(*) filter (where {{changed}}) as changed
from access_review_items i
left join role_assignments a on {{live}}
{{join}}
where i.review_id = any({{reviews}}) and {{reached}} {{narrowed}}
group by {{key}}
{{order}}

-- name: gone
-- Nobody answered, and its assignment has ended meanwhile; of a closed review: when it closed.
(i.answer is null and coalesce(i.outcome = 'gone', a.id is null))

-- name: changed
-- The assignment is still there, but not as it was when the review began.
(a.id is not null and i.outcome is null
 and (a.status, a."primary", a.last_day) is distinct from (i.status, i."primary", i.last_day))

-- name: report
{{with}}
select u.first_name, u.last_name, u.email, o.code, o.name, i.program, i.school_year, i.role, r.due_on,
    i.answer, i.outcome, {{gone}} as gone, i.reason, i.answered_at, i.answered_under,
    case when {{answerer_seen}} then concat_ws(' ', b.first_name, b.last_name) end as answered_by
from access_review_items i
join access_reviews r on r.id = i.review_id
join users u on u.id = i.user_id
join organizations o on o.id = i.organization_id
left join role_assignments a on {{live}}
left join users b on b.id = i.answered_by
where {{reached}} {{narrowed}}
order by r.started_at desc, r.id, o.name_key, o.id, i.name_key, i.user_id, i.id

-- name: answerer_seen
exists (
    select from role_assignments ba where ba.user_id = b.id and ba.program = i.program
      and ba.school_year = i.school_year and {{reached}})

-- name: at_or_below
 and (i.organization_id = {{organization}} or i.lea_id = {{organization}})

-- name: items_of_program
 and i.program = {{program}}

-- name: items_of_year
 and i.school_year = {{year}}

-- name: items_of_this_year
 and exists (
    select from school_years y
    where y.program = i.program and y.school_year = i.school_year and y.status in ('current', 'upcoming'))

-- name: with_organization
join organizations o on o.id = i.organization_id

-- name: behind_organization
 and (o.name_key, o.id) > ({{name_key}}, {{id}})

-- name: by_organization
order by o.name_key, i.organization_id limit {{limit}}

-- name: count_organizations
{{with}}
select count(*) from (
    select distinct i.organization_id from access_review_items i where i.review_id = {{review}} and {{reached}}
    limit {{limit}}) found
