-- Users: what is no list.

-- name: create
insert into users (id, email, email_key, first_name, last_name, name_key, phone, fax, status)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: update
with changed as (
    update users
    set first_name = $3, last_name = $4, name_key = $5, phone = $6, fax = $7, version = version + 1
    where id = $1 and version = $2 and status <> 'deleted'
    returning id
), sorted as (
    update role_assignments a set name_key = $5 from changed where a.user_id = changed.id and a.name_key <> $5
)
select exists (select from changed)

-- name: set_status
with changed as (
    update users set status = $2, version = version + 1 where id = $1 and status = any($3::text[]) returning id
)
select exists (select from changed)
