-- Assignments of one program and year at an organization, whoever held them: also of years that are over.

-- name: count_in_lea
select count(*) from (
    select from role_assignments a join users u on u.id = a.user_id
    where a.lea_id = $1 and a.program = $2 and a.school_year = $3 and u.status <> 'deleted'
      and (cardinality($4::text[]) = 0 or a.role = any($4)) limit $5) found

-- name: count_at_organization
select count(*) from (
    select from role_assignments a join users u on u.id = a.user_id
    where a.organization_id = $1 and a.program = $2 and a.school_year = $3 and u.status <> 'deleted'
      and (cardinality($4::text[]) = 0 or a.role = any($4)) limit $5) found

-- name: leave_out
insert into not_brought_back (assignment_id, into_year, decided_by, decided_at)
select unnest($1::uuid[]), $2, $3, $4 on conflict do nothing

-- name: take_in
delete from not_brought_back where assignment_id = any($1::uuid[]) and into_year = $2

-- name: wake
-- A new role brings back who is merely inactive; who never had a password is invited anew.
update users set status = case when password_hash is null then 'invited' else 'active' end, version = version + 1
where id = any($1::uuid[]) and status = 'inactive'
returning id, status
