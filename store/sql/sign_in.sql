-- What signing in reads and writes of an account.

-- name: by_email_key
select id, status, password_hash, email, coalesce(password_set_at, created_at) as set_at from users where email_key = $1;

-- name: person
select id, first_name, last_name, email, phone, status from users where id = $1;

-- name: signed_in
update users set last_sign_in_at = $2, password_hash = coalesce($4, password_hash)
where id = $1 and password_hash = $3 and status = 'active'
returning true;

-- name: accept_invitation
update users set password_hash = $2, password_set_at = $3, status = 'active', last_sign_in_at = $3, version = version + 1
where id = $1 and status = 'invited'
returning true;
