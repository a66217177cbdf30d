-- Rows of a file, compared with what is stored. Every statement passes through the file's rows once and finds the rest
-- by index, so that a file costs what its rows cost, however many people there are.

-- name: forget_rows
delete from upload_rows where upload_id = $1

-- name: forget_found
delete from upload_found where upload_id = $1

-- name: count_rows
select count(*) from upload_rows where upload_id = $1

-- name: enlarge_memory
-- For this transaction: the rows are sorted once.
select set_config('work_mem', '64MB', true)

-- name: as_of
select version from access_state

-- name: compare
-- $2 program, $3 year, $4 the uploader. What another row of the file deletes is marked: it may be refused.
with placed as (
    select s.*, o.id as organization_id, o.lea_id, gen_random_uuid() as fresh
    from upload_rows s
    left join organizations o on o.level = s.level and o.code = s.code and (s.above is null or exists (
        select from organizations l where l.id = o.lea_id and l.code = s.above))
    where s.upload_id = $1
), beside as (
    select p.*,
        first_value(p.fresh) over person as new_id,
        case
            when p.row_number > min(p.row_number) over same then 'twice'
            when min(p.role) over here <> max(p.role) over here and p.action <> 'delete' then 'two-roles'
            else ''
        end as clash,
        min(p.name_key) over person_rows <> max(p.name_key) over person_rows as two_names,
        max(case when p.action = 'delete' then p.role end) over place as dropped
    from placed p
    window person as (partition by p.email_key order by p.row_number),
        person_rows as (partition by p.email_key),
        place as (partition by p.email_key, p.level, p.code),
        here as (partition by p.email_key, p.level, p.code, p.action),
        same as (partition by p.email_key, p.level, p.code, p.action, p.role)
), compared as (
    select b.*, u.id as known_id, u.status as user_status, u.name_key as known_name,
        coalesce(h.held_ids, '{}') as held_ids, coalesce(h.held, '{}') as held, coalesce(h.others, '{}') as others,
        case when u.id is null then '' else concat_ws(' ',
            case when u.first_name <> b.first_name then 'firstName' end,
            case when u.last_name <> b.last_name then 'lastName' end,
            case when b.phone is not null and u.phone is distinct from b.phone then 'phone' end) end as differs
    from beside b
    left join users u on u.email_key = b.email_key and u.status <> 'deleted'
    left join lateral (
        select
            array_agg(a.id order by a.role) filter (where a.organization_id = b.organization_id) as held_ids,
            array_agg(concat_ws(' ', a.role, a.status, a."primary"::int,
                    case when b.action <> 'delete' and a.role = b.dropped then 'dropped' end) order by a.role)
                filter (where a.organization_id = b.organization_id) as held,
            array_agg(distinct concat_ws(' ', a.role, a.status))
                filter (where a.organization_id is distinct from b.organization_id) as others
        from role_assignments a
        where a.user_id = u.id and a.program = $2 and a.school_year = $3 and a.status <> 'expired'
    ) h on u.id is not null
)
insert into upload_found (upload_id, row_number, action, email, email_key, first_name, last_name, name_key, phone,
    role, level, code, organization_id, lea_id, user_id, user_status, held_ids, held, others, clash, differs,
    assignment_id, kind)
select c.upload_id, c.row_number, c.action, c.email, c.email_key, c.first_name, c.last_name,
    coalesce(c.known_name, c.name_key), c.phone, c.role, c.level, c.code, c.organization_id, c.lea_id,
    coalesce(c.known_id, c.new_id), c.user_status, c.held_ids, c.held, c.others,
    case when c.clash = '' and c.known_id is null and c.two_names then 'two-names' else c.clash end, c.differs,
    gen_random_uuid(),
    hashtextextended(concat_ws('|', c.organization_id, c.role, c.action, c.level, coalesce(c.user_status, '-'),
        c.known_id is not distinct from $4, array_to_string(c.held, ','), '-', array_to_string(c.others, ','), '-',
        c.clash, c.known_id is null and c.two_names), 0)
from compared c

-- name: new_addresses
select distinct email_key from upload_found
where upload_id = $1 and user_status is null and action <> 'delete' and clash = ''

-- name: mark_released
-- Rows of one kind that differ in this are two kinds.
update upload_found set clash = 'released', kind = hashtextextended('released ' || kind, 0)
where upload_id = $1 and user_status is null and action <> 'delete' and clash = '' and email_key = any($2::text[])

-- name: kinds
-- `print` says for which rows and persons the kind was found: what the same file finds later can be compared with it.
select f.kind, min(f.row_number) as first_row, count(*) as rows, f.action, f.role, f.level, min(f.code) as code,
    f.organization_id, f.user_status, f.user_status is not null and f.user_id is not distinct from $2 as own, f.held,
    f.others, f.clash,
    bit_xor(hashtextextended(concat_ws(' ', f.row_number, case when f.user_status is not null then f.user_id end,
        f.held_ids::text), 0)) as print
from upload_found f
where f.upload_id = $1
group by f.kind, f.action, f.role, f.level, f.organization_id, f.user_status,
    f.user_status is not null and f.user_id is not distinct from $2, f.held, f.others, f.clash
order by first_row

-- name: still_so
-- Whether each address still is the account that it was, with the same status and access; $2: as of that version.
select not exists (
    select from upload_found f
    left join users u on u.email_key = f.email_key and u.status <> 'deleted'
    where f.upload_id = $1 and (u.status is distinct from f.user_status
        or (u.id is not null and (u.id <> f.user_id or u.access_version > $2))))
    and (select count(*) from upload_found where upload_id = $1) = (select count(*) from upload_rows where upload_id = $1)
    and (select epoch <= $2 from access_state)

-- name: outcomes
select row_number, email, code, differs, kind from upload_found where upload_id = $1 order by row_number

-- name: organizations
select o.id, o.level, o.code, o.name, o.lea_id, l.code as lea_code, o.active
from organizations o left join organizations l on l.id = o.lea_id
where o.id = any($1::uuid[])

-- name: organizations_of
-- $1 null: all of them.
select o.id, o.level, o.code, o.name, o.lea_id, l.code as lea_code, o.active
from organizations o left join organizations l on l.id = o.lea_id
where $1::uuid[] is null or o.lea_id = any($1)
