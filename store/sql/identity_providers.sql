-- Identity providers of districts: registrations with their e-mail domains.

-- name: insert
insert into identity_providers (id, organization_id, kind, issuer, tenant, client_id, sealed_secret, metadata,
                                metadata_at, proposed_by, proposed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)

-- name: of_domain
select p.id, o.name as organization_name
from identity_provider_domains d
join identity_providers p on p.id = d.provider_id
join organizations o on o.id = p.organization_id and o.active
where d.domain = $1 and d.confirmed_at is not null and p.confirmed_at is not null and p.disabled_at is null

-- name: lock
select version from identity_providers where id = $1 for update

-- name: hold
-- Whoever changes or disables it waits until the transaction ends, and then finds the session or link that is made in it.
select true from identity_providers
where id = $1 and version = $2 and confirmed_at is not null and disabled_at is null for share

-- name: sealed_secret
select sealed_secret from identity_providers where id = $1

-- name: update
update identity_providers set client_id = $2, metadata = $3, metadata_at = $4, version = version + 1 where id = $1

-- name: rotate_secret
update identity_providers set sealed_secret = $2, version = version + 1 where id = $1

-- name: confirm
update identity_providers
set confirmed_by = $2, confirmed_at = $3, disabled_by = null, disabled_at = null, version = version + 1
where id = $1

-- name: disable
update identity_providers set disabled_by = $2, disabled_at = $3, version = version + 1 where id = $1

-- name: list_domain
insert into identity_provider_domains (id, provider_id, domain, listed_by, listed_at) values ($1, $2, $3, $4, $5)

-- name: remove_domains
delete from identity_provider_domains where provider_id = $1 and domain = any($2::text[])

-- name: confirm_domains
update identity_provider_domains set confirmed_by = $2, confirmed_at = $3
where provider_id = $1 and confirmed_at is null

-- name: lock_domains
-- Two that are confirmed at the same moment are compared with each other as well.
lock table identity_provider_domains in share row exclusive mode

-- name: domains_elsewhere
-- Confirmed for another LEA: for its provider, or for registering oneself.
select d.domain from identity_provider_domains d
join identity_providers p on p.id = d.provider_id
where d.confirmed_at is not null and p.organization_id <> $1
union
select r.domain from registration_domains r where r.confirmed_at is not null and r.organization_id <> $1

-- name: issuer_elsewhere
select exists (select from identity_providers
               where issuer = $1 and tenant = $2 and id <> $3 and confirmed_at is not null and disabled_at is null
                 and (kind <> 'google' or organization_id = $4))

-- name: issuer_of_others
select exists (select from identity_providers where issuer = $1 and organization_id <> $2 and disabled_at is null)
