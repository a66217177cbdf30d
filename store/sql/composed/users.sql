-- Users as facts, put together by store/users.py; and the ways to the first rows of a page, put together by
-- store/user_search.py: each shape of reach has its own ordered way, so that a page costs the same at any size.

-- name: columns
select u.id, u.first_name, u.last_name, u.email, u.phone, u.fax, u.status, u.version, u.name_key,
    {{places}} as places, {{in_own_systems}} as in_own_systems

-- name: by_ids
{{columns}}
from users u where u.id = any({{ids}}) and u.status <> 'deleted'

-- name: by_email
{{columns}}
from users u where u.email_key = {{email_key}} and u.status <> 'deleted'

-- name: walk
select u.name_key, u.id as user_id from {{users}} u
where (u.name_key, u.id) > ({{after_key}}, {{after_id}}) and u.status <> 'deleted' {{user_filters}} {{seen}}

-- name: addressed
-- `offset 0` keeps it apart: by address first, also where an index would give the page's order.
(select mu.name_key, mu.id, mu.status, mu.email_key from users mu
 where mu.email_key >= {{email_key}} and mu.email_key < {{behind}} offset 0)

-- name: containing
-- By the trigrams of its long words; `offset 0` as above.
(select mu.name_key, mu.id, mu.status, mu.email_key from users mu where {{matches}} offset 0)

-- name: has_trigrams
trigrams(mu.name_key, mu.email_key) @> trigrams({{key}}, '')

-- name: few_or_many
-- By the index of what is typed where it finds few; else in the page's order, where enough of them come soon.
select b.name_key, b.user_id from (
    with found as materialized ({{found}} limit {{few}} + 1)
    (select * from (
        select u.name_key, u.id as user_id from (select distinct user_id from found) f cross join lateral (
            select lu.name_key, lu.id, lu.status, lu.email_key from users lu where lu.id = f.user_id offset 0) u
        where (select count(*) from found) <= {{few}}
          and (u.name_key, u.id) > ({{after_key}}, {{after_id}}) and u.status <> 'deleted' {{user_filters}} {{seen}}
        order by u.name_key, u.id limit {{most}}) o limit {{limit}})
    union all
    (select * from (
        select distinct u.name_key, u.id as user_id from {{many}}
        where (select count(*) from found) > {{few}}
          and (u.name_key, u.id) > ({{after_key}}, {{after_id}}) and u.status <> 'deleted' {{filters_of_many}} {{seen}}
        order by u.name_key, u.id limit {{most}}) o limit {{limit}})) b

-- name: found_by_word
select w.user_id from user_words w where w.word >= {{start}} and w.word < {{behind}}

-- name: found_by_address
select au.id as user_id from users au where au.email_key >= {{start}} and au.email_key < {{behind}}

-- name: many_by_word
-- A comparison that no index of whole words is used for, and of which many rows are expected: the order is kept.
(select w.name_key, w.user_id as id, au.status, au.email_key from user_words w join users au on au.id = w.user_id
 where "left"(w.word, 2) = "left"({{start}}, 2) and coalesce("left"(w.word, length({{start}})) = {{start}}, false))

-- name: many_by_address
(select au.name_key, au.id, au.status, au.email_key from users au
 where coalesce("left"(au.email_key, length({{start}})) = {{start}}, false))

-- name: begins
(' ' || translate({{column}}, '-''', '  ') || ' ' || translate({{column}}, '-''', '  ')) like {{pattern}}

-- name: contains
({{u}}.name_key like {{by_name}} or {{u}}.email_key like {{by_address}})

-- name: reached_by_assignment
-- A value of one row, not `exists`: that the planner may work out for all rows at once, before a limit.
and coalesce((
    select true from role_assignments a
    where a.user_id = u.id and {{counts_this_year}} and {{within}} {{assignment_filters}} limit 1), false)

-- name: one
select u.name_key, u.id as user_id from users u
where u.id = {{own}} and (u.name_key, u.id) > ({{after_key}}, {{after_id}}) {{user_filters}} {{own_assignment}}

-- name: own_assignment
and exists (
    select from role_assignments a
    where a.user_id = u.id and {{counts_this_year}} {{assignment_filters}})

-- name: streams
-- One stream per range, program and year: each reads an index whose order is that of the page.
counting as materialized (
    select program, school_year from school_years where status in ('current', 'upcoming')
    union all
    select program, '' from packs where from_year = ''
),
streams as materialized (
    select distinct r.lea, r.organization, r.schools_only, c.program, c.school_year, r.roles
    from {{reach}} r
    join counting c on (r.program is null or r.program = c.program)
        and (r.school_year is null or c.school_year = r.school_year
             or (r.through_year and c.school_year collate "C" < r.school_year))
    where true {{stream_filters}}
)

-- name: streams_at_organization
counting as materialized (
    select program, school_year from school_years where status in ('current', 'upcoming')
    union all
    select program, '' from packs where from_year = ''
),
streams as materialized (
    select distinct null::uuid as lea, o.id as organization, false as schools_only, c.program, c.school_year, r.roles
    from {{reach}} r
    join organizations o on o.id = {{organization}}
        and (r.lea is null or r.lea = o.lea_id)
        and (r.organization is null or r.organization = o.id)
        and (not r.schools_only or o.level = 'school')
    join counting c on (r.program is null or r.program = c.program)
        and (r.school_year is null or c.school_year = r.school_year
             or (r.through_year and c.school_year collate "C" < r.school_year))
    where true {{stream_filters}}
)

-- name: from_streams
select c.name_key, c.user_id from streams s cross join lateral (select * from (
    select distinct a.name_key, a.user_id from role_assignments a
    where a.lea_id = s.lea and a.program = s.program and a.school_year = s.school_year
      and (not s.schools_only or a.organization_id <> a.lea_id)
      and (cardinality(s.roles) = 0 or a.role = any(s.roles))
      and (a.name_key, a.user_id) > ({{after_key}}, {{after_id}}) {{match}}
    order by a.name_key, a.user_id limit {{most}}) o limit {{limit}}) c
where s.lea is not null
union
select c.name_key, c.user_id from streams s cross join lateral (select * from (
    select distinct a.name_key, a.user_id from role_assignments a
    where a.organization_id = s.organization and a.program = s.program and a.school_year = s.school_year
      and (not s.schools_only or a.organization_id <> a.lea_id)
      and (cardinality(s.roles) = 0 or a.role = any(s.roles))
      and (a.name_key, a.user_id) > ({{after_key}}, {{after_id}}) {{match}}
    order by a.name_key, a.user_id limit {{most}}) o limit {{limit}}) c
where s.organization is not null
union
select c.name_key, c.user_id from streams s cross join lateral (
    with recursive held as (
        (select min(a.role) as role from role_assignments a
         where a.program = s.program and a.school_year = s.school_year)
        union all
        select (select min(a.role) from role_assignments a
                where a.program = s.program and a.school_year = s.school_year and a.role > held.role)
        from held where held.role is not null)
    select held.role from held
    where held.role is not null and (cardinality(s.roles) = 0 or held.role = any(s.roles))) h
cross join lateral (select * from (
    select distinct a.name_key, a.user_id from role_assignments a
    where a.program = s.program and a.school_year = s.school_year and a.role = h.role
      and (not s.schools_only or a.organization_id <> a.lea_id)
      and (a.name_key, a.user_id) > ({{after_key}}, {{after_id}}) {{match}}
    order by a.name_key, a.user_id limit {{most}}) o limit {{limit}}) c
where s.lea is null and s.organization is null

-- name: stream
select s.name_key, s.user_id from (select * from (
    select distinct a.name_key, a.user_id from role_assignments a
    where a.{{place}} = {{value}} and a.program = {{program}} and a.school_year = {{year}} {{filters}}
      and (a.name_key, a.user_id) > ({{after_key}}, {{after_id}}) {{match}}
    order by a.name_key, a.user_id limit {{most}}) o limit {{limit}}) s

-- name: from_own_rules
select distinct c.name_key, c.user_id from (values {{rules}}) as s (program, school_year, role) cross join lateral (select * from (
    select distinct a.name_key, a.user_id from role_assignments a
    where a.program = s.program and a.school_year = s.school_year and a.role = s.role
      and {{gives}}
      and (a.name_key, a.user_id) > ({{after_key}}, {{after_id}}) {{match}}
    order by a.name_key, a.user_id limit {{most}}) o limit {{limit}}) c

-- name: user_matches
-- A value of one row, as above: by her id for each of few, never by an index of what many have.
coalesce((select true from users mu where mu.id = a.user_id {{user_filters}} limit 1), false)
