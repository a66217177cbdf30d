-- Signed security forms.

-- name: sign
insert into signed_forms (user_id, program, form, school_year, form_version, signed_name, signed_at, text_digest)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (user_id, program, form, school_year) do nothing

-- name: of_users
select user_id, program, form, school_year, form_version, signed_name, signed_at, text_digest from signed_forms
where user_id = any($1::uuid[])
order by user_id, school_year desc, program, form
