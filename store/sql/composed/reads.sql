-- Compiled reads, put together by store/compile.py: one statement answers one root field, whatever lies within it.
-- Where a limit is a parameter, a constant one stands inside it: a generic plan takes a parameter for a tenth of all rows.
-- A row of a list is a record in an array; its cells are those of store/read_tree.py, in their order.

-- name: page
{{with}}
select {{mark}} as mark, {{count}} as found, {{names}}
from (select) s left join (
    select {{cells}}, {{keys}}
    from (select * from ({{candidates}} limit {{most}}) c order by c.name_key, c.{{id}} limit {{limit}}) p
    join {{table}} {{t}} on {{t}}.id = p.{{id}}
    {{joins}}) q on true
order by {{order}}

-- name: one
{{with}}
select {{mark}} as mark, null::bigint as found, {{names}}
from (select) s left join (
    select {{cells}} from {{table}} {{t}} {{joins}} where {{where}} and {{seen}}) q on true

-- name: ids
{{with}}
select p.name_key, p.{{id}} as id from ({{candidates}} limit {{limit}}) p order by p.name_key, p.{{id}}

-- name: several
{{with}}
select {{cells}} from {{table}} {{t}} where {{t}}.id = any({{ids}}) and {{seen}}

-- name: within
{{with}}
select w.id as parent, l.rows as rows from unnest({{parents}}) as w (id) {{join}}

-- name: counts_within
{{with}}
select w.id as parent, {{count}} as found from unnest({{parents}}) as w (id)

-- name: count_of_page
{{with}}
select {{count}} as found

-- name: pointed
left join {{table}} {{t}} on {{t}}.id = {{parent}}.{{key}} and {{seen}}

-- name: joined
left join {{table}} {{t}} on {{t}}.{{key}} = {{parent}}.id and {{position}} and {{seen}}

-- name: list
left join lateral (
    select array_agg(row({{names}}) order by {{order}}) as rows
    from (
        select {{cells}}, {{keys}}
        from {{table}} {{t}} {{joins}}
        where {{t}}.{{key}} = {{parent}}.id and {{position}} and {{seen}}
        order by {{order}} limit {{limit}}) c) {{l}} on true

-- name: list_of_holders
left join lateral (
    select array_agg(row({{names}}) order by {{order}}) as rows
    from (
        select {{cells}}, p.name_key as k1, p.user_id as k2
        from (
            select distinct h.name_key, h.user_id from role_assignments h
            where h.organization_id = {{parent}}.id and h.status <> 'expired' and {{counts_this_year}}
              and (h.name_key, h.user_id) > ({{after_key}}, {{after_id}}) and {{seen}}
            order by h.name_key, h.user_id limit {{limit}}) p
        join users {{t}} on {{t}}.id = p.user_id
        {{joins}}) c) {{l}} on true

-- name: count
(select count(*) from (
    select from {{table}} {{t}} where {{t}}.{{key}} = {{parent}}.id and {{seen}} limit {{limit}}) counted)

-- name: count_of_holders
(select count(*) from (
    select distinct h.user_id from role_assignments h
    where h.organization_id = {{parent}}.id and h.status <> 'expired' and {{counts_this_year}} and {{seen}}
    limit {{limit}}) counted)

-- name: count_of_walk
(select count(*) from ({{candidates}} limit {{limit}}) counted)

-- name: count_of_users
(select count(*) from (select distinct c.user_id from ({{candidates}}) c limit {{limit}}) counted)

-- name: count_of_organizations
(select count(*) from (select from organizations o where {{seen}} {{filters}} limit {{limit}}) counted)

-- name: left_out
left_out as (select {{places}})

-- name: place
(select n.id from organizations n where {{where}})

-- name: no_users
select null::text as name_key, null::uuid as user_id where false and ('', null::uuid) > ({{after_key}}, {{after_id}})

-- name: every_organization
select o.name_key, o.id from organizations o
where (o.name_key, o.id) > ({{after_key}}, {{after_id}}) and {{seen}} {{filters}} order by o.name_key, o.id

-- name: reached_organizations
select c.name_key, c.id from unnest({{leas}}, {{schools_of}}) as r (lea, schools_only) cross join lateral (
    select o.name_key, o.id from organizations o
    where o.lea_id = r.lea and (not r.schools_only or o.level = 'school')
      and (o.name_key, o.id) > ({{after_key}}, {{after_id}}) {{filters}}
    order by o.name_key, o.id limit {{limit}}) c
union
select o.name_key, o.id from unnest({{organizations}}, {{schools_in}}) as r (organization, schools_only)
join organizations o on o.id = r.organization and (not r.schools_only or o.level = 'school')
where (o.name_key, o.id) > ({{after_key}}, {{after_id}}) {{filters}}
order by name_key, id
