-- Student groups, their users and keyed members: what is no page.

-- name: create
insert into student_groups (id, organization_id, lea_id, school_year, name, name_key, subject, student_count)
select $1, o.id, o.lea_id, $3, $4, $5, $6, $7 from organizations o where o.id = $2

-- name: named
select id from student_groups where organization_id = $1 and school_year = $2 and name_key = $3

-- name: rename
update student_groups set name = $3, name_key = $4, version = version + 1 where id = $1 and version = $2

-- name: delete
with emptied as (delete from student_group_users where group_id = $1 returning user_id),
gone as (delete from student_groups where id = $1)
select user_id from emptied

-- name: assign
insert into student_group_users (group_id, user_id, assigned_by, assigned_at) values ($1, $2, $3, $4)
on conflict (group_id, user_id) do nothing

-- name: unassign
delete from student_group_users where group_id = $1 and user_id = $2

-- name: replace_members
with wanted as (select unnest($2::bytea[]) as member_key),
gone as (
    delete from student_group_members m
    where m.group_id = $1 and not exists (select from wanted w where w.member_key = m.member_key)
    returning 1),
come as (
    insert into student_group_members (group_id, member_key) select $1, member_key from wanted
    on conflict do nothing returning 1),
counted as (update student_groups set student_count = cardinality($2::bytea[]), version = version + 1 where id = $1
            and ((select count(*) from gone) > 0 or (select count(*) from come) > 0
                 or student_count <> cardinality($2::bytea[])))
select (select count(*) from come) as added, (select count(*) from gone) as removed

-- name: set_subject
update student_groups set subject = $2, version = version + 1 where id = $1 and subject is distinct from $2

-- name: users_of_groups
select group_id, user_id from student_group_users where group_id = any($1::uuid[]) order by group_id, user_id
