-- Domains whose holders may register themselves, and those who asked to.

-- name: list
insert into registration_domains (id, organization_id, program, domain, listed_by, listed_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (organization_id, program, domain) do nothing

-- name: confirm
update registration_domains set confirmed_by = $2, confirmed_at = $3 where id = $1 and confirmed_at is null

-- name: delete
delete from registration_domains where id = $1

-- name: by_id
select id, organization_id, program, domain, listed_by, listed_at, confirmed_by, confirmed_at
from registration_domains where id = $1
for update

-- name: of_organizations
select id, organization_id, program, domain, listed_by, listed_at, confirmed_by, confirmed_at
from registration_domains where organization_id = any($1::uuid[])
order by organization_id, program, domain

-- name: waiting
select id, organization_id, program, domain, listed_by, listed_at, confirmed_by, confirmed_at
from registration_domains where confirmed_at is null
order by listed_at, id
limit $1

-- name: taken
-- Also as the domain of another LEA's identity provider.
select exists (select from registration_domains where domain = $1 and confirmed_at is not null and id <> $2)
    or exists (select from identity_provider_domains d join identity_providers p on p.id = d.provider_id
               where d.domain = $1 and d.confirmed_at is not null
                 and p.organization_id <> (select organization_id from registration_domains where id = $2))

-- name: open_to
select d.id, d.organization_id, d.program
from registration_domains d
join organizations o on o.id = d.organization_id and o.active
where d.domain = $1 and d.confirmed_at is not null

-- name: ask
insert into registrations (id, domain_id, email, email_key, first_name, last_name, asked_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (email_key) do update
set domain_id = $2, email = $3, first_name = $5, last_name = $6, asked_at = $7, expires_at = $8, token_hash = null
where registrations.asked_at < $9
returning id

-- name: by_token
select r.id, r.email, r.email_key, r.first_name, r.last_name, d.organization_id, d.program
from registrations r
join registration_domains d on d.id = r.domain_id and d.confirmed_at is not null
join organizations o on o.id = d.organization_id and o.active
where r.token_hash = $1 and r.expires_at > $2

-- name: consume
delete from registrations where id = $1 and token_hash = $2 returning id

-- name: purge
delete from registrations where expires_at <= $1
