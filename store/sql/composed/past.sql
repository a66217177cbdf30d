-- The tables that say who may do what as they were at a moment: each takes the place of the table of its name in a
-- statement that stands behind. What only orders or addresses (sort keys, versions) is today's.

-- name: known
-- From when to when anything can be said, by the database's clock, which dates what was.
select begins_at, clock_timestamp() as until from history_state

-- name: school_years
school_years as not materialized (
    select program, school_year, status, opened_at, current_at, closed_at
    from (select y.program, y.school_year, y.opened_at, y.current_at, y.closed_at,
            case when coalesce(y.closed_at <= {{at}}, y.closed_at is null and y.status = 'closed') then 'closed'
                 when y.status in ('current', 'closed') and coalesce(y.current_at, '-infinity') <= {{at}} then 'current'
                 when coalesce(y.opened_at, '-infinity') <= {{at}} then 'upcoming' end as status
          from hallpass.school_years y) then_
    where status is not null)

-- name: organizations
organizations as not materialized (
    select o.id, h.level, h.parent_id, h.lea_id, h.code, h.name, o.name_key, o.funding, h.active, o.version,
        o.merged_into
    from hallpass.organizations o
    join hallpass.organization_history h on h.organization_id = o.id
    where h.valid_from <= {{at}} and (h.valid_to is null or h.valid_to > {{at}}))

-- name: role_assignments
-- The end of a year expires its assignments: before it they were what they had been.
role_assignments as not materialized (
    select a.id, a.user_id, a.program, a.role, a.school_year, a.organization_id, a.lea_id, a.name_key,
        case when a.status <> 'expired' or exists ({{ended}}) then a.status
             when a.was_suspended then 'suspended' else 'active' end as status,
        a."primary", a.origin, a.assigned_by, a.assigned_under, a.assigned_at, a.last_day, a.version, a.was_suspended
    from hallpass.role_assignments a
    where a.known_since <= {{at}}
    union all
    select a.id, a.user_id, a.program, a.role, a.school_year, a.organization_id, a.lea_id,
        (select u.name_key from hallpass.users u where u.id = a.user_id),
        case when a.status <> 'expired' or exists ({{ended}}) then a.status
             when a.was_suspended then 'suspended' else 'active' end,
        a."primary", a.origin, a.assigned_by, a.assigned_under, a.assigned_at, a.last_day, 0, a.was_suspended
    from hallpass.role_assignment_history a
    where a.valid_from <= {{at}} and a.valid_to > {{at}})

-- name: ended
select from school_years y where y.program = a.program and y.school_year = a.school_year and y.status = 'closed'

-- name: users
-- Between active and inactive an account moves by its roles alone.
users as not materialized (
    select u.id, u.email, u.email_key, u.first_name, u.last_name, u.name_key, u.phone, u.fax,
        case when was.status not in ('active', 'inactive') then was.status
             when exists (
                 select from role_assignments a
                 where a.user_id = u.id and a.status <> 'expired' and (a.school_year = '' or exists (
                     select from school_years y where y.program = a.program and y.school_year = a.school_year
                         and y.status in ('current', 'upcoming')))) then 'active'
             else 'inactive' end as status,
        u.access_version, u.version, u.created_at, u.last_sign_in_at
    from hallpass.users u
    cross join lateral (
        select coalesce(
            (select h.status from hallpass.user_status_history h
             where h.user_id = u.id and h.valid_from <= {{at}} and h.valid_to > {{at}} limit 1),
            u.status) as status) was
    where u.created_at <= {{at}})

-- name: signed_forms
signed_forms as not materialized (
    select user_id, program, form, school_year from hallpass.signed_forms where known_since <= {{at}}
    union all
    select user_id, program, form, school_year from hallpass.signed_form_history
    where valid_from <= {{at}} and valid_to > {{at}})

-- name: credentials
credentials as not materialized (
    select id, user_id, lea_id, expires_on from hallpass.credentials where known_since <= {{at}}
    union all
    select id, user_id, lea_id, expires_on from hallpass.credential_history
    where valid_from <= {{at}} and valid_to > {{at}})

-- name: student_groups
student_groups as not materialized (
    select id, organization_id, lea_id, school_year, name, name_key, subject, student_count, version
    from hallpass.student_groups where known_since <= {{at}}
    union all
    select id, organization_id, lea_id, school_year, name, name_key, subject, 0, 0 from hallpass.student_group_history
    where valid_from <= {{at}} and valid_to > {{at}})

-- name: student_group_users
student_group_users as not materialized (
    select group_id, user_id from hallpass.student_group_users where known_since <= {{at}}
    union all
    select group_id, user_id from hallpass.student_group_user_history
    where valid_from <= {{at}} and valid_to > {{at}})

-- name: student_group_members
student_group_members as not materialized (
    select group_id, member_key from hallpass.student_group_members where known_since <= {{at}}
    union all
    select group_id, member_key from hallpass.student_group_member_history
    where valid_from <= {{at}} and valid_to > {{at}})

-- name: packs
packs as not materialized (
    select program, from_year, source, digest from hallpass.packs where loaded_at <= {{at}}
    union all
    select program, from_year, source, digest from hallpass.pack_history
    where valid_from <= {{at}} and valid_to > {{at}})

-- name: changed_packs
-- How many packs differ between that moment and today.
select count(*) from (
    (select program, from_year, digest from packs except select program, from_year, digest from hallpass.packs)
    union all
    (select program, from_year, digest from hallpass.packs except select program, from_year, digest from packs)) differing
