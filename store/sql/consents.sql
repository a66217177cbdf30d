-- What people let relying parties have that aren't the state's own.

-- name: given
-- Locked until the end of the transaction: an authorization that rests on it is there before it can be withdrawn.
select t.* from consents c join consent_terms t on t.consent_id = c.id
where c.user_id = $1 and c.client_id = $2
for share of c

-- name: give
insert into consents (id, user_id, client_id, given_at) values ($1, $2, $3, $4)
on conflict (user_id, client_id) do update set client_id = excluded.client_id
returning id

-- name: add_terms
insert into consent_terms (consent_id, digest, scopes, systems, details, program, role, school_year, place_id,
                           allowed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (consent_id, digest) do update set allowed_at = excluded.allowed_at

-- name: of_person
select c.id, c.client_id, r.label, c.given_at, t as terms
from consents c
join relying_parties r on r.client_id = c.client_id
join consent_terms t on t.consent_id = c.id
where c.user_id = $1
order by r.label, c.client_id, t.allowed_at desc

-- name: withdraw
delete from consents where id = $1 and user_id = $2 returning client_id

-- name: revoke_authorizations
with ended as (
    update authorizations set revoked_at = $3, revoked_why = 'consent-withdrawn'
    where user_id = $1 and client_id = $2 and revoked_at is null returning id
)
select count(pg_notify('hallpass_access', '-')) from ended
