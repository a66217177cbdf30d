-- Access reviews: begun, answered, reminded of and closed; what depends on a caller's reach is composed.

-- name: lock_program
-- Whoever begins a review of the program waits here for the others, and the year stays the current one.
select school_year from school_years where program = $1 and status = 'current' for no key update

-- name: overlapping
-- An open review of the organization, of one above or of one below.
select r.id, r.organization_id, r.due_on, o.name
from access_reviews r join organizations o on o.id = r.organization_id
where r.program = $1 and r.closed_at is null
  and ($3 = 'state' or o.level = 'state' or r.organization_id = $2
       or (r.lea_id = $4 and ($3 = 'lea' or o.level = 'lea')))
order by r.started_at limit 1

-- name: lock_open
-- Until the transaction ends none of these begins to close; closed and closing ones are left out.
select id from access_reviews where id = any($1::uuid[]) and closing_at is null order by id for share

-- name: answer
update access_review_items
set answer = $2, reason = $3, answered_by = $4, answered_under = given.under, answered_at = $6
from unnest($1::uuid[], $5::text[]) as given (item_id, under)
where id = given.item_id

-- name: to_remind
select r.id, r.program, r.school_year, r.organization_id, r.due_on, r.reminded
from access_reviews r
where r.closing_at is null and r.due_on between $1 and $2 and r.id > $3
order by r.id

-- name: set_reminded
update access_reviews set reminded = array_append(reminded, $2) where id = $1

-- name: next_to_close
select id, program, school_year, organization_id, due_on, unanswered, started_by, started_under, closing_at
from access_reviews
where closed_at is null and due_on < $1
order by due_on, id limit 1
for no key update

-- name: begin_closing
update access_reviews set closing_at = $2 where id = $1 and closing_at is null

-- name: portion
-- What nobody answered, with whether its assignment still counts.
select i.id, i.assignment_id, i.user_id, i.organization_id, a.status
from access_review_items i
left join role_assignments a on a.id = i.assignment_id and a.status <> 'expired'
    and (a.last_day is null or a.last_day >= $2)
where i.review_id = $1 and i.answer is null and i.outcome is null
order by i.id limit $3

-- name: settle
-- The first portion's items get their outcome; active assignments among `suspended` are suspended by the review.
with items as (
    select * from unnest($1::uuid[], $2::text[]) as t (item_id, outcome)
), settled as (
    update access_review_items i set outcome = items.outcome from items where i.id = items.item_id
    returning i.assignment_id, i.outcome
), suspended as (
    update role_assignments a set status = 'suspended' from settled
    where a.id = settled.assignment_id and settled.outcome = 'suspended' and a.status = 'active'
    returning a.id, a.user_id
)
insert into suspensions (id, user_id, assignment_id, comment, author_primary, why, suspended_at)
select gen_random_uuid(), user_id, id, $3, false, $5, $4 from suspended

-- name: count_answers
select count(*) filter (where answer is not null) as answered,
    count(*) filter (where outcome in ('suspended', 'left')) as unanswered
from access_review_items where review_id = $1

-- name: close
update access_reviews set closed_at = $2 where id = $1
