-- What a tenancy chain names beside the organizations of a person's own access.

-- name: names
select id, level, code, name from organizations where level in ('state', 'lea');
