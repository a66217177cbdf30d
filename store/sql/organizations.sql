-- Organizations: what is no page.

-- name: create_state
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
values ($1, 'state', null, null, $2, $3, $4)

-- name: create_state_code
insert into organization_codes (organization_id, level, code, valid_from) values ($1, 'state', $2, $3)

-- name: by_dated_code
select organization_id from organization_codes
where level = $1 and code = $2 and valid_from <= $3 and (valid_to is null or valid_to >= $3)
