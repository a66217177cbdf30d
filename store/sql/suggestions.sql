-- Roles that student information systems suggest: taken in set by set, listed, decided on, forgotten.

-- name: take_in
-- One set at once. What it has is made, brought up to date or opened again; what is open in those organizations and isn't
-- in it is superseded. What was accepted or dismissed stays so. Nobody is listed who holds a role of the program there.
with named as (
    select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::text[], $6::integer[], $7::text[],
                         $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
        as s (id, organization_id, person_key, role, source_role, source_row, email, email_key, first_name, last_name,
              name_key, phone)
), sent as (
    select * from named s where not exists (
        select from users u join role_assignments a on a.user_id = u.id
        where u.email_key = s.email_key and a.organization_id = s.organization_id and a.program = $13
          and a.school_year = $14 and a.status <> 'expired')
), known as (
    select s.*, r.id as known_id, r.state,
        (r.source_role, r.email, r.first_name, r.last_name, r.phone)
            is distinct from (s.source_role, s.email, s.first_name, s.last_name, s.phone) as differs
    from sent s
    left join role_suggestions r on r.organization_id = s.organization_id and r.program = $13 and r.school_year = $14
        and r.person_key = s.person_key and r.role is not distinct from s.role
), made as (
    insert into role_suggestions (id, program, school_year, organization_id, person_key, role, source_role, source_row,
        email, email_key, first_name, last_name, name_key, phone, sent_by, sent_at, seen_on)
    select id, $13, $14, organization_id, person_key, role, source_role, source_row,
        email, email_key, first_name, last_name, name_key, phone, $15, $16, $17
    from known where known_id is null
    returning 1
), renewed as (
    update role_suggestions r
    set state = 'open', source_role = k.source_role, source_row = k.source_row, email = k.email,
        email_key = k.email_key, first_name = k.first_name, last_name = k.last_name, name_key = k.name_key,
        phone = k.phone, sent_by = $15, sent_at = $16, seen_on = $17, decided_by = null, decided_at = null
    from known k
    where r.id = k.known_id and (r.state = 'superseded' or (r.state = 'open' and k.differs))
    returning k.state
), seen as (
    update role_suggestions r set seen_on = $17
    from known k
    where r.id = k.known_id and r.seen_on <> $17 and r.state <> 'superseded' and not (r.state = 'open' and k.differs)
), superseded as (
    update role_suggestions r
    set state = 'superseded', email = null, email_key = null, first_name = null, last_name = null, name_key = '',
        phone = null, decided_by = $15, decided_at = $16
    where r.organization_id = any($18::uuid[]) and r.program = $13 and r.school_year = $14 and r.state = 'open'
      and not exists (select from known k where k.known_id = r.id)
    returning 1
)
select (select count(*) from made) as made,
    (select count(*) from renewed where state = 'superseded') as reopened,
    (select count(*) from renewed where state = 'open') as changed,
    (select count(*) from known where known_id is not null and (state in ('accepted', 'dismissed')
        or (state = 'open' and not differs))) as unchanged,
    (select count(*) from named) - (select count(*) from sent) as held,
    (select count(*) from superseded) as superseded

-- name: count
select count(*) from (
    select from role_suggestions
    where organization_id = any($1::uuid[]) and program = $2 and school_year = $3 and state = $4 limit $5) found

-- name: accept
update role_suggestions s
set state = 'accepted', email = null, email_key = null, first_name = null, last_name = null, name_key = '',
    phone = null, decided_by = $4, decided_at = $5, user_id = a.user_id, assignment_id = a.assignment_id
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as a (id, user_id, assignment_id)
where s.id = a.id

-- name: dismiss
update role_suggestions
set state = 'dismissed', email = null, email_key = null, first_name = null, last_name = null, name_key = '',
    phone = null, decided_by = $2, decided_at = $3
where id = any($1::uuid[])

-- name: organizations_of_lea
select o.id, o.level, o.code, o.name, o.lea_id, l.code as lea_code, o.active
from organizations o left join organizations l on l.id = o.lea_id
where o.lea_id = any($1::uuid[])

-- name: lock_leas
select from organizations where id = any($1::uuid[]) order by id for no key update

-- name: forget_old
delete from role_suggestions where seen_on < $1
