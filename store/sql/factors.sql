-- Second factors of people, whatever their kind.

-- name: has
select exists (select from passkeys where user_id = $1)
