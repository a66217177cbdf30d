-- What a mail says about people and places, read when it is sent.

-- name: person
select email, first_name, last_name, status from users where id = $1

-- name: person_held
-- Whoever changes the address waits until the transaction ends, and then finds the link that was made in it. Key share
-- is enough, and what the link's own foreign key takes anyway: the address is a unique key of the table.
select email, first_name, last_name, status from users where id = $1 for key share

-- name: names
select id, first_name, last_name from users where id = any($1::uuid[])

-- name: organizations
select id, name from organizations where id = any($1::uuid[])

-- name: email_change
select new_email, old_lost, takes_effect_at from email_changes
where id = $1 and applied_at is null and canceled_at is null and expires_at > $2

-- name: factor_reset
select takes_effect_at from factor_resets
where id = $1 and applied_at is null and canceled_at is null and expires_at > $2

-- name: registration
select r.email, r.first_name, r.expires_at, d.organization_id
from registrations r
join registration_domains d on d.id = r.domain_id
where r.id = $1 and r.expires_at > $2

-- name: close_link
update account_links set used_at = $3 where user_id = $1 and used_at is null and purpose = $2

-- name: registration_link
update registrations set token_hash = $2 where id = $1
