-- Contacts of LEAs.

-- name: of_organizations
select organization_id, kind, user_id, first_name, last_name, email, phone, version, set_at from contacts
where organization_id = any($1::uuid[])
order by organization_id, kind

-- name: lock
select version from contacts where organization_id = $1 and kind = $2 for update

-- name: put
insert into contacts (organization_id, kind, user_id, first_name, last_name, email, phone, set_by, set_at, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (organization_id, kind) do update
set user_id = $3, first_name = $4, last_name = $5, email = $6, phone = $7, set_by = $8, set_at = $9, version = $10

-- name: delete
delete from contacts where organization_id = $1 and kind = $2
